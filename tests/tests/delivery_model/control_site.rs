//! The Control Site in small: takes in by memory, stores, and only then says that it has. Where a record stands, what is
//! missing and what a receipt says are the shipped `intake::Progress` and `receipts::receipt_of`.

use std::collections::BTreeMap;

use cellwatch_control_site::intake::{Counts, Place, Progress};
use cellwatch_control_site::receipts::receipt_of;
use cellwatch_model::Utc;
use cellwatch_record::{Hash, Receipt};

use super::state::{AGENT, JOURNAL, Mutant};

/// A record: its sequence number, which start of the agent made it, and which one the record before it. Two of the same
/// number from different starts are different records.
pub type Sealed = (u64, u8, u8);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControlSite {
    /// Received, not stored: a crash loses it. In the order of their content, not of their arrival.
    pub inbox: Vec<Vec<Sealed>>,
    /// Stored: by sequence number, which start made it and the one before.
    pub stored: BTreeMap<u64, (u8, u8)>,
    /// What is known of the journal.
    pub progress: Progress,
    /// A record came that does not fit those that are held.
    pub forked: bool,
    /// A record was accepted as new under a number that was held.
    pub accepted_twice: bool,
    /// After a crash something else was known than before it.
    pub resumed_wrongly: bool,
}

impl ControlSite {
    pub fn arrives(&mut self, records: Vec<Sealed>) {
        self.inbox.push(records);
        self.inbox.sort();
        self.inbox.dedup();
    }

    /// Stores a message that was received.
    pub fn store(&mut self, mutant: Mutant, message: usize) {
        for (seq, made_by, before) in self.inbox.remove(message) {
            let (prev, hash) = (hash(seq - 1, before), hash(seq, made_by));
            match self.progress.place(seq, prev, hash) {
                Place::Fits | Place::BeginsIsland => {
                    self.progress.take(seq, prev, hash);
                    self.keep(seq, (made_by, before));
                }
                Place::Held => {
                    self.forked |= self.stored.get(&seq) != Some(&(made_by, before));
                    if mutant == Mutant::AcceptsTwice {
                        self.keep(seq, (made_by, before));
                    }
                }
                Place::Misfit(_) => self.forked = true,
                Place::NoRoom | Place::BadSequence => panic!("seq {seq} has no place"),
            }
        }
        // Counters tell of the past: the same content is the same state.
        self.progress.counts = Counts::default();
    }

    fn keep(&mut self, seq: u64, record: (u8, u8)) {
        self.accepted_twice |= self.stored.insert(seq, record).is_some();
    }

    /// Goes on after a crash with what is stored, as the shipped store does.
    pub fn resume(&mut self) {
        self.inbox.clear();
        let through = (1..).zip(self.stored.keys()).take_while(|(want, have)| want == *have);
        let through = through.count() as u64;
        let last = self.stored.get(&through);
        let known = last.map_or(Hash::NONE, |(made_by, _)| hash(through, *made_by));
        let mut progress = Progress::resumed(through, known, 0, Counts::default());
        for (seq, (made_by, before)) in self.stored.range(through + 1..) {
            progress.restore(*seq, hash(seq - 1, *before), hash(*seq, *made_by));
        }
        self.resumed_wrongly |= progress != self.progress;
        self.progress = progress;
    }

    /// Everything up to here is stored.
    pub fn through(&self) -> u64 {
        self.progress.through()
    }

    /// The receipt of what is stored; a mutant's is of what was only received as well.
    pub fn receipt(&self, mutant: Mutant) -> Receipt {
        let mut of = self.clone();
        while mutant == Mutant::ReceiptBeforeStore && !of.inbox.is_empty() {
            of.store(mutant, 0);
        }
        // A clock that ticks when something was stored: the same content is the same receipt.
        let issued = Utc(i64::try_from(of.stored.len()).unwrap());
        receipt_of(&(AGENT.to_owned(), JOURNAL), &of.progress, issued)
    }
}

/// Hash of a record; none before the first.
pub fn hash(seq: u64, made_by: u8) -> Hash {
    let mut bytes = [0; 32];
    bytes[0] = u8::try_from(seq).unwrap();
    bytes[1] = made_by;
    if seq == 0 { Hash::NONE } else { Hash(bytes) }
}
