//! A Control Site as a set of sequence numbers.

use std::collections::BTreeMap;

use cellwatch_core::publish::Ranges;
use cellwatch_model::Utc;
use cellwatch_record::{
    Hash, Kind, Missing, RECEIPT_MISSING_MAX, Receipt, bundle, peek_identity, sha256,
};

#[derive(Default)]
pub struct ControlSite {
    pub connection: u64,
    /// What was stored, by sequence number.
    pub records: BTreeMap<u64, Vec<u8>>,
    pub duplicates: u64,
    pub through: u64,
    /// Gives no receipts while true.
    pub mute: bool,
    /// What the broker forgets: acknowledged, never delivered.
    pub forget: bool,
    pub documents: BTreeMap<String, Vec<u8>>,
}

impl ControlSite {
    /// The sequence numbers that a message carries.
    pub fn seqs(topic: &str, bytes: &[u8]) -> Vec<u64> {
        let seq = |payload: &[u8]| peek_identity(payload).expect("a record").0.seq;
        match topic.rsplit('/').next() {
            Some("backfill") => {
                bundle::decode(bytes).expect("a bundle").into_iter().map(seq).collect()
            }
            Some(leaf) if Kind::ALL.iter().any(|kind| kind.word() == leaf) => vec![seq(bytes)],
            _ => Vec::new(),
        }
    }

    pub fn take(&mut self, topic: &str, bytes: &[u8]) {
        if self.forget {
            return;
        }
        let records = match topic.rsplit('/').next() {
            Some("backfill") => bundle::decode(bytes).expect("a bundle"),
            Some(leaf) if Kind::ALL.iter().any(|kind| kind.word() == leaf) => vec![bytes],
            _ => {
                self.documents.insert(topic.to_owned(), bytes.to_vec());
                return;
            }
        };
        for payload in records {
            let seq = peek_identity(payload).expect("a record").0.seq;
            match self.records.insert(seq, payload.to_vec()) {
                None => {}
                Some(before) => {
                    assert_eq!(before, payload, "LAW-04: seq {seq} came with other bytes");
                    self.duplicates += 1;
                }
            }
        }
        while self.records.contains_key(&(self.through + 1)) {
            self.through += 1;
        }
    }

    pub fn receipt(&self, issued: Utc) -> Option<Receipt> {
        if self.mute || self.forget {
            return None;
        }
        let highest = self.records.last_key_value().map_or(0, |(seq, _)| *seq);
        let mut missing = Ranges::default();
        missing.insert(self.through + 1, highest);
        for seq in self.records.range(self.through + 1..).map(|(seq, _)| *seq) {
            missing.remove(seq, seq);
        }
        let mut ranges = Vec::new();
        while let Some((first, last)) =
            missing.first().filter(|_| ranges.len() < RECEIPT_MISSING_MAX)
        {
            missing.remove(first, last);
            ranges.push(Missing { first, last });
        }
        let hash = self.records.get(&self.through).map_or(Hash::NONE, |payload| sha256(payload));
        Some(Receipt {
            agent: "agent-1".to_owned(),
            journal: super::JOURNAL,
            through: self.through,
            hash,
            missing: ranges,
            highest,
            issued,
        })
    }
}
