//! A reactor in real time, shared by its Modbus connections and its control port.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::reactor::Reactor;

/// Device time passes in pieces of this length.
pub const TICK: Duration = Duration::from_millis(100);

/// A reactor in real time.
#[derive(Debug)]
pub struct Live {
    reactor: Mutex<Reactor>,
    refuses: watch::Sender<bool>,
}

impl Live {
    /// Takes a reactor.
    #[must_use]
    pub fn new(reactor: Reactor) -> Self {
        let refuses = reactor.faults().conduct().refuses;
        Self { reactor: Mutex::new(reactor), refuses: watch::Sender::new(refuses) }
    }

    /// Does something to the reactor, or asks it, at one moment.
    pub fn with<T>(&self, job: impl FnOnce(&mut Reactor) -> T) -> T {
        let mut reactor = self.reactor.lock().unwrap_or_else(PoisonError::into_inner);
        let result = job(&mut reactor);
        let refuses = reactor.faults().conduct().refuses;
        self.refuses.send_if_modified(|before| std::mem::replace(before, refuses) != refuses);
        result
    }

    /// Tells whether connections are refused, and when that changes.
    #[must_use]
    pub fn watch_refusal(&self) -> watch::Receiver<bool> {
        self.refuses.subscribe()
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
