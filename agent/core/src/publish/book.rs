//! The book of what is in flight.
//!
//! The client sends publishes in the order in which they were handed over and tells the packet
//! identifier of each as it goes out; the broker answers by packet identifier, in any order. A
//! publish is thus known by its place in the order until it is sent, and by its identifier after.

use std::collections::{BTreeMap, VecDeque};

/// What a publish carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Records `first` to `last`.
    Records {
        /// First sequence number.
        first: u64,
        /// Last sequence number.
        last: u64,
        /// True if they go ahead of others when they must be sent again.
        urgent: bool,
        /// True if they were sent as backlog.
        backfill: bool,
    },
    /// A document, which the next one replaces.
    Document {
        /// Its topic.
        topic: String,
    },
}

/// The book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    handed: VecDeque<Carried>,
    sent: BTreeMap<u16, Carried>,
}

impl Book {
    /// How many are handed over and not answered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.handed.len() + self.sent.len()
    }

    /// True if nothing is in flight.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that is in flight, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Carried> {
        self.handed.iter().chain(self.sent.values())
    }

    /// One was handed to the client.
    pub fn hand(&mut self, carried: Carried) {
        self.handed.push_back(carried);
    }

    /// The next one went out under this packet identifier. One that the book still had under it can
    /// no longer be answered: it is given back, to be sent again.
    pub fn sent(&mut self, packet_id: u16) -> Option<Carried> {
        let carried = self.handed.pop_front()?;
        self.sent.insert(packet_id, carried)
    }

    /// The broker answered for a packet identifier; none if nothing was sent under it.
    pub fn answered(&mut self, packet_id: u16) -> Option<Carried> {
        self.sent.remove(&packet_id)
    }

    /// The connection is gone: all that was in flight, to be sent again.
    pub fn clear(&mut self) -> Vec<Carried> {
        let sent = std::mem::take(&mut self.sent).into_values();
        let handed = std::mem::take(&mut self.handed);
        sent.chain(handed).collect()
    }
}
