//! The Control Site in small: takes in by memory, stores, and only then says that it has.

use std::collections::BTreeMap;

use cellwatch_core::publish::Ranges;
use cellwatch_model::Utc;
use cellwatch_record::{Hash, Missing, Receipt};

use super::state::{AGENT, JOURNAL};

/// A record: its sequence number, and which start of the agent made it. Two of the same number from
/// different starts are different records.
pub type Sealed = (u64, u8);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControlSite {
    /// Received, not stored: a crash loses it. In the order of their content, not of their arrival.
    pub inbox: Vec<Vec<Sealed>>,
    /// Stored.
    pub stored: BTreeMap<u64, u8>,
    /// A record came under the number of another one.
    pub forked: bool,
}

impl ControlSite {
    pub fn arrives(&mut self, records: Vec<Sealed>) {
        self.inbox.push(records);
        self.inbox.sort();
        self.inbox.dedup();
    }

    pub fn store(&mut self, message: usize) {
        for (seq, made_by) in self.inbox.remove(message) {
            let before = self.stored.insert(seq, made_by);
            self.forked |= before.is_some_and(|before| before != made_by);
        }
    }

    /// Everything up to here is stored.
    pub fn through(&self) -> u64 {
        (1..).zip(self.stored.keys()).take_while(|(want, have)| want == *have).count() as u64
    }

    pub fn receipt(&self) -> Receipt {
        let through = self.through();
        let highest = self.stored.last_key_value().map_or(0, |(seq, _)| *seq);
        let mut missing = Ranges::default();
        missing.insert(through + 1, highest);
        for seq in self.stored.keys() {
            missing.remove(*seq, *seq);
        }
        Receipt {
            agent: AGENT.to_owned(),
            journal: JOURNAL,
            through,
            hash: Hash::NONE,
            missing: missing.iter().map(|(first, last)| Missing { first, last }).collect(),
            highest,
            // A clock that ticks when something was stored: the same content is the same receipt.
            issued: Utc(i64::try_from(self.stored.len()).unwrap()),
        }
    }
}
