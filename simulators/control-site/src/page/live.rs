//! What stands in no database: the link to the broker, plain JSON from agents.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cellwatch_model::Utc;
use tokio::sync::watch;

use crate::intake::UnsignedMessage;
use crate::topic::Unsigned;

/// Most plain JSON messages that are kept; further topics are not shown.
pub const UNSIGNED_MAX: usize = 4096;

type UnsignedKey = (String, Option<String>, Unsigned);

/// Shared between the pipeline, which writes, and the page, which reads.
#[derive(Debug)]
pub struct Live {
    broker: Mutex<Broker>,
    unsigned: Mutex<BTreeMap<UnsignedKey, UnsignedMessage>>,
    changes: watch::Sender<u64>,
}

/// The link to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// True while the subscription stands.
    pub connected: bool,
    /// Since when.
    pub since: Utc,
    /// Why not, for people; empty while connected.
    pub words: String,
}

impl Live {
    /// Not connected yet.
    #[must_use]
    pub fn new(now: Utc) -> Self {
        let words = "connecting for the first time".to_owned();
        let broker = Broker { connected: false, since: now, words };
        Self {
            broker: Mutex::new(broker),
            unsigned: Mutex::new(BTreeMap::new()),
            changes: watch::Sender::new(0),
        }
    }

    /// The link came up or broke.
    pub fn broker(&self, connected: bool, words: &str, now: Utc) {
        let mut broker = self.broker.lock().unwrap_or_else(PoisonError::into_inner);
        let since = if broker.connected == connected { broker.since } else { now };
        *broker = Broker { connected, since, words: words.to_owned() };
        drop(broker);
        self.changed();
    }

    /// The link as it is.
    #[must_use]
    pub fn broker_now(&self) -> Broker {
        self.broker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Plain JSON came.
    pub fn unsigned(&self, message: UnsignedMessage) {
        let mut all = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (message.agent.clone(), message.unit.clone(), message.what);
        if all.len() < UNSIGNED_MAX || all.contains_key(&key) {
            all.insert(key, message);
        }
    }

    /// All plain JSON, by agent, unit and what it shows.
    #[must_use]
    pub fn unsigned_now(&self) -> Vec<UnsignedMessage> {
        let all = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    /// Something changed: whoever watches looks again.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Is woken by each change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
