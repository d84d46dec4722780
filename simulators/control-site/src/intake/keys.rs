//! Which keys seal a journal, and from which record on one no longer may. Records come in any order.

use std::collections::BTreeMap;

use cellwatch_seal::KeyId;

/// The keys of one journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalKeys {
    /// Lowest sequence number seen of each.
    first: BTreeMap<KeyId, u64>,
    /// The record with which a key changed to another, by the key that sealed it: its last one.
    retired: BTreeMap<KeyId, u64>,
}

impl JournalKeys {
    /// A key as the store holds it.
    pub fn resume(&mut self, key: KeyId, first: u64, retired: Option<u64>) {
        self.first.insert(key, first);
        self.retired.extend(retired.map(|seq| (key, seq)));
    }

    /// The record after which this key may seal no more, if `seq` is behind it.
    #[must_use]
    pub fn retired_before(&self, key: &KeyId, seq: u64) -> Option<u64> {
        self.retired.get(key).copied().filter(|last| seq > *last)
    }

    /// A record was accepted; true if it is the lowest one of its key so far.
    pub fn sealed(&mut self, key: KeyId, seq: u64) -> bool {
        let first = self.first.entry(key).or_insert(u64::MAX);
        let lower = seq < *first;
        *first = seq.min(*first);
        lower
    }

    /// The key has changed to another with this record.
    pub fn rotated(&mut self, key: KeyId, seq: u64) {
        let last = self.retired.entry(key).or_insert(seq);
        *last = seq.min(*last);
    }
}
