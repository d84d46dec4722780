//! The book of what is in flight.
//!
//! The client sends publishes in the order in which they were handed over and tells the packet
//! identifier of each as it goes out; the broker answers by packet identifier, in any order. A
//! publish is thus known by its place in the order until it is sent, and by its identifier after.

use std::collections::{BTreeMap, VecDeque};

use cellwatch_model::Mono;

use super::limits::rebased;
use crate::door::Content;

/// What a publish carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        /// What it says, if it must be offered again when the broker refuses it.
        content: Option<Content>,
    },
}

/// The book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Book {
    handed: VecDeque<Open>,
    sent: BTreeMap<u16, Open>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Open {
    carried: Carried,
    due: Mono,
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
        self.open().map(|open| &open.carried)
    }

    fn open(&self) -> impl Iterator<Item = &Open> {
        self.handed.iter().chain(self.sent.values())
    }

    /// How many bundles are in flight.
    #[must_use]
    pub fn bundles(&self) -> usize {
        let is_bundle = |one: &&Carried| matches!(one, Carried::Records { backfill: true, .. });
        self.iter().filter(is_bundle).count()
    }

    /// When the first of the answers is overdue.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        self.open().map(|open| open.due).min()
    }

    /// One was handed to the client; its answer is overdue at `due`.
    pub fn hand(&mut self, carried: Carried, due: Mono) {
        self.handed.push_back(Open { carried, due });
    }

    /// The next one went out under this packet identifier. One that the book still had under it can
    /// no longer be answered: it is given back, to be sent again.
    pub fn sent(&mut self, packet_id: u16) -> Option<Carried> {
        let open = self.handed.pop_front()?;
        self.sent.insert(packet_id, open).map(|lost| lost.carried)
    }

    /// The broker answered for a packet identifier; none if nothing was sent under it.
    pub fn answered(&mut self, packet_id: u16) -> Option<Carried> {
        self.sent.remove(&packet_id).map(|open| open.carried)
    }

    /// The connection is gone: all that was in flight, to be sent again.
    pub fn clear(&mut self) -> Vec<Carried> {
        let sent = std::mem::take(&mut self.sent).into_values();
        let handed = std::mem::take(&mut self.handed);
        sent.chain(handed).map(|open| open.carried).collect()
    }

    /// Moves the origin of time.
    pub(super) fn rebase(&mut self, origin: Mono) {
        for open in self.handed.iter_mut().chain(self.sent.values_mut()) {
            open.due = rebased(open.due, origin);
        }
    }
}
