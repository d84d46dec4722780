//! Seals of batches: folded record by record while a batch runs, and waited for afterwards.
//!
//! ```text
//!   started ──▶ open tree ──▶ ended ──▶ sealed, awaited ──▶ the Control Site has everything
//! ```
//! Memory grows with the logarithm of a batch's records. What belongs to a batch stands with [`BatchTree`].

use std::collections::BTreeMap;

use cellwatch_record::{
    AwaitedSeal, Batch, BatchChange, BatchSeal, BatchTree, Body, Completeness, CompletenessReceipt,
    Datum, Event, EventKind, Hash, JournalId, Kind, Record, SavedBatch, SavedSeals,
};

use crate::door::{RecordHash, Start};

/// Most seals that wait for the Control Site; with one more, the oldest is given up: its records may then be pruned as
/// soon as receipts cover them.
pub(crate) const AWAITED_MAX: usize = 256;

/// Trees of open batches, and seals that wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seals {
    /// By unit.
    open: BTreeMap<String, BatchTree>,
    /// By the sequence number of the seal, with what the Control Site last said.
    awaited: BTreeMap<u64, (AwaitedSeal, Option<Completeness>)>,
    /// Batches that ended in the records before this start and were not sealed: unit and phase.
    pub(crate) ended: BTreeMap<String, Batch>,
}

/// What a completeness receipt brought.
pub(crate) enum Confirmed {
    /// Everything is there: nothing keeps the batch's records any longer.
    Complete(AwaitedSeal),
    /// Not everything, or something else; `is_news` the first time.
    Not { awaited: AwaitedSeal, is_news: bool },
    /// Said before.
    Same,
    /// It cannot be meant for this journal; why.
    NotOurs(String),
}

impl Seals {
    /// What stands at the end of the records of before. `batches` are those that run.
    pub(crate) fn resume(start: &Start, batches: &[SavedBatch]) -> Self {
        let journal = start.head.journal;
        let ours = |record: &&Record| record.common.identity.journal == journal;
        let mut seals = Self::default();
        let state = start.history.iter().filter(ours).rfind(|one| one.body.kind() == Kind::State);
        let mut next = 1;
        if let Some(Record { common, body: Body::State(state) }) = state {
            next = common.identity.seq;
            seals.restore(&state.seals);
        }
        let told = start.history.iter().filter(ours);
        let told: BTreeMap<u64, &Record> =
            told.map(|record| (record.common.identity.seq, record)).collect();
        for RecordHash { seq, kind, unit, hash } in &start.hashes {
            if *seq != next {
                break;
            }
            let record = told.get(seq).copied();
            if let Some(record) = record {
                seals.before(*seq, record);
            }
            seals.take(*seq, *kind, unit.as_deref(), *hash);
            if let Some(record) = record {
                seals.after(*seq, record, *hash);
            }
            next += 1;
        }
        if next != start.head.seq + 1 {
            // What is missing makes a root that nobody would find again.
            seals.open.clear();
        }
        seals.open.retain(|unit, tree| {
            let runs = |one: &SavedBatch| one.unit == *unit && one.batch == tree.batch();
            batches.iter().any(runs) || seals.ended.contains_key(unit)
        });
        if start.new_journal {
            // A batch that runs on into this journal has here what this journal holds of it.
            for SavedBatch { unit, batch, .. } in batches {
                seals.open.insert(unit.clone(), BatchTree::new(unit, batch, 1));
            }
        }
        seals
    }

    fn restore(&mut self, saved: &SavedSeals) {
        let open = saved.open.iter().map(|tree| (tree.unit().to_owned(), tree.clone()));
        self.open = open.collect();
        let awaited = saved.awaited.iter().map(|one| (one.seq, (one.clone(), None)));
        self.awaited = awaited.collect();
    }

    pub(crate) fn save(&self) -> SavedSeals {
        SavedSeals {
            open: self.open.values().cloned().collect(),
            awaited: self.awaited.values().map(|(awaited, _)| awaited.clone()).collect(),
        }
    }

    /// Before the record `seq` is taken: one that starts a batch begins its tree.
    pub(crate) fn starts(&mut self, seq: u64, unit: Option<&str>, body: &Body) {
        if let (Some(unit), Body::Batch(batch)) = (unit, body)
            && batch.change == BatchChange::Started
        {
            self.open.insert(unit.to_owned(), BatchTree::new(unit, &batch.batch, seq));
        }
    }

    /// Takes the next record of the journal into the trees that it belongs to.
    pub(crate) fn take(&mut self, seq: u64, kind: Kind, unit: Option<&str>, hash: Hash) {
        self.open.values_mut().for_each(|tree| tree.take(seq, kind, unit, hash));
    }

    /// The seal of a batch that ended; none where its records are not all known. Its tree is gone.
    pub(crate) fn seal(&mut self, unit: &str, batch: &str) -> Option<BatchSeal> {
        let tree = self.open.remove(unit)?;
        (tree.batch() == batch).then(|| tree.seal())
    }

    /// The seal was recorded. Gives the one that is given up for it, if any.
    pub(crate) fn await_answer(&mut self, awaited: AwaitedSeal) -> Option<AwaitedSeal> {
        self.awaited.insert(awaited.seq, (awaited, None));
        if self.awaited.len() <= AWAITED_MAX {
            return None;
        }
        self.awaited.pop_first().map(|(_, (awaited, _))| awaited)
    }

    /// The Control Site said something of a seal.
    pub(crate) fn confirm(
        &mut self,
        receipt: &CompletenessReceipt,
        agent: &str,
        journal: JournalId,
        durable: u64,
    ) -> Confirmed {
        if receipt.agent != agent || receipt.journal != journal {
            let text = format!("it is for {} journal {}", receipt.agent, receipt.journal);
            return Confirmed::NotOurs(text);
        }
        let seq = receipt.seal_seq;
        let Some((awaited, said)) = self.awaited.get_mut(&seq) else {
            if seq > durable {
                let text = format!("it is for a seal at seq {seq}, this journal ends at {durable}");
                return Confirmed::NotOurs(text);
            }
            return Confirmed::Same;
        };
        if receipt.seal_hash != awaited.hash || receipt.batch != awaited.batch {
            return Confirmed::NotOurs(format!(
                "it is for batch {} sealed as {}, seq {seq} here seals batch {} as {}",
                receipt.batch, receipt.seal_hash, awaited.batch, awaited.hash
            ));
        }
        let awaited = awaited.clone();
        let is_news = said.replace(receipt.found) != Some(receipt.found);
        match receipt.found {
            Completeness::Complete => {
                self.awaited.remove(&seq);
                Confirmed::Complete(awaited)
            }
            Completeness::Incomplete | Completeness::Contradicts => {
                Confirmed::Not { awaited, is_news }
            }
        }
    }

    /// The first record that a batch keeps in the journal: of one that runs, or that the Control Site has not confirmed.
    pub(crate) fn keeps_from(&self) -> Option<u64> {
        let open = self.open.values().map(BatchTree::first);
        open.chain(self.awaited.values().map(|(awaited, _)| awaited.first)).min()
    }

    fn before(&mut self, seq: u64, record: &Record) {
        self.starts(seq, record.common.unit.as_deref(), &record.body);
    }

    /// What a record of before says of seals, after it was taken.
    fn after(&mut self, seq: u64, record: &Record, hash: Hash) {
        match &record.body {
            Body::Batch(batch) => self.batch(seq, record, batch, hash),
            Body::Event(Event { kind: EventKind::BatchComplete, details, .. }) => {
                if let Some(Datum::Integer(seal)) = details.get("seal_seq") {
                    self.awaited.remove(&u64::try_from(*seal).unwrap_or_default());
                }
            }
            Body::Event(Event { kind: EventKind::BatchUnsealed, .. }) => {
                record.common.unit.as_ref().and_then(|unit| self.ended.remove(unit));
            }
            Body::Telemetry(_)
            | Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::Event(_)
            | Body::State(_)
            | Body::Health(_) => {}
        }
    }

    fn batch(&mut self, seq: u64, record: &Record, batch: &Batch, hash: Hash) {
        let Some(unit) = record.common.unit.clone() else { return };
        match (batch.change, &batch.seal) {
            (BatchChange::Ended, _) => {
                self.ended.insert(unit, batch.clone());
            }
            (BatchChange::Sealed, Some(seal)) => {
                self.ended.remove(&unit);
                self.open.remove(&unit);
                let (batch, first) = (batch.batch.clone(), seal.first);
                self.await_answer(AwaitedSeal { unit, batch, first, seq, hash });
            }
            (BatchChange::Started, _) => {
                self.ended.remove(&unit);
            }
            (BatchChange::Phase | BatchChange::Sealed, _) => {}
        }
    }
}
