//! Durable records that wait for the window.

use std::collections::VecDeque;
use std::sync::Arc;

use super::limits::{QUEUE_BYTES_MAX, QUEUE_RECORDS_MAX};

/// A record as it goes out live.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Live {
    pub(super) seq: u64,
    pub(super) topic: String,
    pub(super) sealed: Arc<[u8]>,
}

/// Records of one urgency, in their order, bounded by number and by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Queue {
    records: VecDeque<Live>,
    bytes: usize,
}

impl Queue {
    /// Adds a record; false if it has no room.
    #[must_use]
    pub(super) fn push(&mut self, live: Live) -> bool {
        let bytes = self.bytes.saturating_add(live.sealed.len());
        // One record always has room, however large.
        let fits = self.records.is_empty() || bytes <= QUEUE_BYTES_MAX;
        if !fits || self.records.len() >= QUEUE_RECORDS_MAX {
            return false;
        }
        self.bytes = bytes;
        self.records.push_back(live);
        true
    }

    pub(super) fn pop(&mut self) -> Option<Live> {
        let live = self.records.pop_front()?;
        self.bytes -= live.sealed.len();
        Some(live)
    }

    pub(super) fn seqs(&self) -> impl Iterator<Item = u64> {
        self.records.iter().map(|live| live.seq)
    }
}
