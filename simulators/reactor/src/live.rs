//! A reactor in real time, shared by its Modbus connections and its control port.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::faults::Reach;
use crate::reactor::{Reactor, ServerLife};

/// Device time passes in pieces of this length.
pub const TICK: Duration = Duration::from_millis(100);

/// A reactor in real time.
#[derive(Debug)]
pub struct Live {
    reactor: Mutex<Reactor>,
    reach: watch::Sender<Reach>,
    /// True while its own port takes no connection.
    absent: watch::Sender<bool>,
    server: watch::Sender<ServerLife>,
}

impl Live {
    /// Takes a reactor.
    #[must_use]
    pub fn new(reactor: Reactor) -> Self {
        let reach = reactor.faults().conduct().reach;
        let server = watch::Sender::new(reactor.server());
        Self {
            reactor: Mutex::new(reactor),
            reach: watch::Sender::new(reach),
            absent: watch::Sender::new(reach != Reach::There),
            server,
        }
    }

    /// Does something to the reactor, or asks it, at one moment.
    pub fn with<T>(&self, job: impl FnOnce(&mut Reactor) -> T) -> T {
        let mut reactor = self.reactor.lock().unwrap_or_else(PoisonError::into_inner);
        let result = job(&mut reactor);
        let reach = reactor.faults().conduct().reach;
        let server = reactor.server();
        let absent = reach != Reach::There;
        self.reach.send_if_modified(|before| std::mem::replace(before, reach) != reach);
        self.absent.send_if_modified(|before| std::mem::replace(before, absent) != absent);
        self.server.send_if_modified(|before| std::mem::replace(before, server) != server);
        result
    }

    /// Tells whether it can be reached, and when that changes.
    #[must_use]
    pub fn watch_reach(&self) -> watch::Receiver<Reach> {
        self.reach.subscribe()
    }

    /// True while its own port takes no connection; with the changes.
    #[must_use]
    pub fn watch_absence(&self) -> watch::Receiver<bool> {
        self.absent.subscribe()
    }

    /// The life of its OPC UA server; with the changes.
    #[must_use]
    pub fn watch_server(&self) -> watch::Receiver<ServerLife> {
        self.server.subscribe()
    }

    /// Lets device time pass as real time does, for ever.
    pub async fn run(&self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = Instant::now();
        loop {
            let now = ticks.tick().await;
            let passed = now.saturating_duration_since(last);
            last = now;
            self.with(|reactor| reactor.advance(passed));
        }
    }
}
