//! Which seal of a batch is to be answered, and when. Time comes in from outside.
//!
//! ```text
//! sealed ──▶ incomplete, said at once and again while it lasts ──▶ complete, said at once ──▶ confirmed by the agent
//! ```

use std::collections::BTreeMap;

use cellwatch_model::Mono;
use cellwatch_record::{Completeness, Hash};

use super::RECEIPT_REPEAT_MS;
use crate::intake::JournalKey;

/// Most seals of one journal that wait for an answer or for the agent to confirm it; those beyond are answered once
/// others are done and the Control Site starts again.
pub const SEALS_PENDING_MAX: usize = 1024;

/// A seal that the Control Site has verified and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingSeal {
    /// The unit.
    pub unit: String,
    /// The batch.
    pub batch: String,
    /// Sequence number of the batch's first record.
    pub first: u64,
    /// Of its last.
    pub last: u64,
    /// Of the seal.
    pub seq: u64,
    /// Hash of the seal's payload.
    pub hash: Hash,
}

/// Seals that are to be answered.
#[derive(Debug, Default)]
pub struct Batches {
    pending: BTreeMap<(JournalKey, u64), Pending>,
}

#[derive(Debug)]
struct Pending {
    seal: PendingSeal,
    /// What was said of it on this connection, and when.
    said: Option<(Completeness, Mono)>,
    /// Records of its journal have come since.
    changed: bool,
}

impl Batches {
    /// A seal was stored.
    pub fn sealed(&mut self, key: &JournalKey, seal: PendingSeal) {
        let of_journal = self.pending.keys().filter(|(journal, _)| journal == key).count();
        if of_journal < SEALS_PENDING_MAX {
            let pending = Pending { seal, said: None, changed: true };
            self.pending.insert((key.clone(), pending.seal.seq), pending);
        }
    }

    /// The agent has recorded the answer.
    pub fn confirmed(&mut self, key: &JournalKey, seq: u64) {
        self.pending.remove(&(key.clone(), seq));
    }

    /// A new connection: everything is to be said again.
    pub fn connected(&mut self) {
        self.pending.values_mut().for_each(|one| (one.said, one.changed) = (None, true));
    }

    /// Records of a journal were committed.
    pub fn committed(&mut self, key: &JournalKey) {
        let of_journal = self.pending.range_mut((key.clone(), 0)..=(key.clone(), u64::MAX));
        of_journal.for_each(|(_, one)| one.changed = true);
    }

    /// Seals that are to be looked at, by `now`.
    #[must_use]
    pub fn due(&self, now: Mono) -> Vec<(JournalKey, PendingSeal)> {
        let due = self.pending.iter().filter(|(_, one)| match one.said {
            None => true,
            Some((Completeness::Incomplete, at)) => {
                one.changed || at.plus_ms(RECEIPT_REPEAT_MS) <= now
            }
            Some((Completeness::Complete | Completeness::Contradicts, _)) => false,
        });
        due.map(|((key, _), one)| (key.clone(), one.seal.clone())).collect()
    }

    /// What was found. True where it is to be said: it is news, or was said long ago.
    pub fn found(&mut self, key: &JournalKey, seq: u64, found: Completeness, now: Mono) -> bool {
        let Some(one) = self.pending.get_mut(&(key.clone(), seq)) else { return false };
        one.changed = false;
        let say = one
            .said
            .is_none_or(|(before, at)| before != found || at.plus_ms(RECEIPT_REPEAT_MS) <= now);
        if say {
            one.said = Some((found, now));
        }
        say
    }

    /// When something becomes due that no record brings.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let due = self.pending.values().filter_map(|one| match one.said {
            Some((Completeness::Incomplete, at)) => Some(at.plus_ms(RECEIPT_REPEAT_MS)),
            Some(_) | None => None,
        });
        due.min()
    }
}
