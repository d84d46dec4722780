//! Sets the records of a batch beside its seal: from files alone.

use cellwatch_record::{
    Batch, BatchSeal, BatchTree, Body, Hash, Identity, JournalId, Missing, Record,
};
use serde_json::{Value, json};

use crate::Trust;
use crate::json::seal_to_json;

/// Most problems and missing ranges that are named; more are counted with the last.
const NAMED_MAX: usize = 64;

/// What the records that are given may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing: every record from the batch's first to its seal.
    Whole,
    /// What does not belong to the batch: other units' records.
    Selected,
}

/// The seal in a record, if it seals a batch.
#[must_use]
pub fn sealed_batch(record: &Record) -> Option<(&str, &BatchSeal)> {
    let Body::Batch(Batch { batch, seal: Some(seal), .. }) = &record.body else { return None };
    Some((batch, seal))
}

/// Takes the records of a batch in the order of their sequence numbers.
#[derive(Debug)]
pub struct BatchProof<'t> {
    trust: &'t Trust,
    coverage: Coverage,
    seal_record: Record,
    seal_hash: Hash,
    seal: BatchSeal,
    tree: BatchTree,
    next: u64,
    before: Option<Hash>,
    missing: Vec<Missing>,
    problems: Vec<String>,
}

/// Whether a batch is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchVerdict {
    /// The agent.
    pub agent: String,
    /// The journal.
    pub journal: JournalId,
    /// The unit.
    pub unit: String,
    /// The batch.
    pub batch: String,
    /// Sequence number of the seal.
    pub seal_seq: u64,
    /// Hash of the seal's payload.
    pub seal_hash: Hash,
    /// What the seal says.
    pub seal: BatchSeal,
    /// How many records were found that belong to the batch.
    pub records: u64,
    /// Root of the tree that they make.
    pub root: Hash,
    /// Records that are not there.
    pub missing: Vec<Missing>,
    /// What is wrong, in words; empty where the batch is whole.
    pub problems: Vec<String>,
}

impl<'t> BatchProof<'t> {
    /// A proof against the sealed record that seals the batch.
    ///
    /// # Errors
    /// It is not believed, or seals no batch.
    pub fn new(trust: &'t Trust, coverage: Coverage, sealed: &[u8]) -> Result<Self, String> {
        let (seal_record, seal_hash) = trust.record(sealed)?;
        let Some((batch, seal)) = sealed_batch(&seal_record) else {
            return Err("the record seals no batch".to_owned());
        };
        let unit = seal_record.common.unit.clone().unwrap_or_default();
        let (tree, seal) = (BatchTree::new(unit, batch, seal.first), seal.clone());
        Ok(Self {
            trust,
            coverage,
            seal_hash,
            tree,
            next: seal.first,
            before: None,
            seal,
            seal_record,
            missing: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// First and last sequence number of the records to be given.
    #[must_use]
    pub fn range(&self) -> (u64, u64) {
        (self.seal.first, self.seal_record.common.identity.seq.saturating_sub(1))
    }

    /// Takes the next record of the journal.
    pub fn take(&mut self, sealed: &[u8]) {
        match self.trust.record(sealed) {
            Ok((record, hash)) => self.follow(&record, hash),
            Err(problem) => {
                let next = self.next;
                self.problem(format!("the record at seq {next} or after it: {problem}"));
            }
        }
    }

    fn follow(&mut self, record: &Record, hash: Hash) {
        let Identity { agent, journal, seq } = &record.common.identity;
        let expected = &self.seal_record.common.identity;
        if *journal != expected.journal || *agent != expected.agent {
            let text = format!("seq {seq} is of journal {journal} of agent \"{agent}\"");
            return self.problem(text);
        }
        let (seq, (first, last)) = (*seq, self.range());
        if seq < self.next || seq > last {
            let text = format!("seq {seq} stands where {} to {last} are expected", self.next);
            return self.problem(if seq < first {
                format!("{text}: it is before it")
            } else {
                text
            });
        }
        if seq > self.next {
            self.gap(self.next, seq - 1);
        } else if self.before.is_some_and(|before| before != record.common.prev) {
            self.problem(format!("seq {seq} does not name the record before it"));
        }
        let kind = record.body.kind();
        self.tree.take(seq, kind, record.common.unit.as_deref(), hash);
        (self.next, self.before) = (seq + 1, Some(hash));
    }

    fn gap(&mut self, first: u64, last: u64) {
        self.before = None;
        if self.missing.len() < NAMED_MAX {
            self.missing.push(Missing { first, last });
        } else if let Some(range) = self.missing.last_mut() {
            range.last = last;
        }
    }

    fn problem(&mut self, text: String) {
        if self.problems.len() < NAMED_MAX {
            self.problems.push(text);
        }
    }

    /// Everything has been given.
    #[must_use]
    pub fn finish(mut self) -> BatchVerdict {
        let (_, last) = self.range();
        if self.next <= last {
            self.gap(self.next, last);
        } else if self.before.is_some_and(|before| before != self.seal_record.common.prev) {
            self.problem("the seal does not name the record before it".to_owned());
        }
        let made = self.tree.seal();
        if self.coverage == Coverage::Whole {
            for Missing { first, last } in self.missing.clone() {
                self.problem(format!("seq {first} to {last} are not here"));
            }
        }
        if made.counts != self.seal.counts {
            let (sealed, here) = (self.seal.records(), made.records());
            self.problem(format!(
                "{sealed} records are sealed, by kind {}; {here} are here, by kind {}",
                seal_to_json(&self.seal)["counts"],
                seal_to_json(&made)["counts"]
            ));
        }
        if made.root != self.seal.root {
            let text = format!("the root is {}, sealed is {}", made.root, self.seal.root);
            self.problem(format!("{text}: a record was dropped, added, exchanged or changed"));
        }
        if self.coverage == Coverage::Selected && self.problems.is_empty() {
            // What is left out does not belong to the batch: the root says so.
            self.missing.clear();
        }
        let Identity { agent, journal, seq } = self.seal_record.common.identity;
        BatchVerdict {
            agent,
            journal,
            unit: self.tree.unit().to_owned(),
            batch: self.tree.batch().to_owned(),
            seal_seq: seq,
            seal_hash: self.seal_hash,
            seal: self.seal,
            records: made.records(),
            root: made.root,
            missing: self.missing,
            problems: self.problems,
        }
    }
}

impl BatchVerdict {
    /// True where the batch is whole: every record is here as it was sealed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }

    /// The same for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let missing = self.missing.iter().map(|range| json!([range.first, range.last]));
        json!({
            "ok": self.is_whole(),
            "agent": self.agent,
            "journal": self.journal.to_string(),
            "unit": self.unit,
            "batch": self.batch,
            "seal_seq": self.seal_seq,
            "seal_hash": self.seal_hash.to_string(),
            "sealed": seal_to_json(&self.seal),
            "records": self.records,
            "root": self.root.to_string(),
            "missing": missing.collect::<Vec<_>>(),
            "problems": self.problems,
        })
    }

    /// The same for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { unit, batch, journal, records, root, seal, .. } = self;
        let BatchSeal { first, last, .. } = seal;
        if self.is_whole() {
            return format!(
                "OK: batch {batch} of unit {unit} is whole: {records} records from seq {first} to {last} of journal {journal}, root {root}"
            );
        }
        let problems = self.problems.join("\n  ");
        format!(
            "BAD: batch {batch} of unit {unit}, seq {first} to {last} of journal {journal}:\n  {problems}"
        )
    }
}
