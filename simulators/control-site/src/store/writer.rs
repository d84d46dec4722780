//! The one writer: takes what was verified, commits in groups, and only then acknowledges and
//! issues receipts (LAW-03).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Body, Completeness, Hash, JournalId, RECEIPT_MISSING_MAX};
use cellwatch_seal::Sealer;

use super::{Shelf, StoreError};
use crate::intake::{
    Checked, CheckedRecord, Intake, JournalKey, Outcome, Oversight, OversightChange,
    UnsignedMessage, Verifier, confirmed_seal,
};
use crate::receipts::{
    Batches, Issued, IssuedCompleteness, PendingSeal, Schedule, issue, issue_completeness,
};

/// Most records in one commit.
pub const COMMIT_RECORDS_MAX: usize = 512;
/// Longest time for which a record waits for others before its commit begins.
pub const COMMIT_DELAY: Duration = Duration::from_millis(50);
/// Oversight is judged at least so often.
const TICK: Duration = Duration::from_secs(1);

/// Something for the writer.
#[derive(Debug)]
pub enum Job<A> {
    /// What a message held, and what acknowledges the message after the commit.
    Message {
        /// Each part, verified.
        checked: Vec<Checked>,
        /// Handed to [`Hooks::acknowledge`].
        acknowledgement: A,
    },
    /// The connection to the broker came up or broke.
    Connection(bool),
    /// Another roster is in use: it may list other agents.
    Agents(BTreeMap<String, String>),
}

/// What the writer does to the world besides the database. Called on the writer's thread: none of
/// them may block for long.
pub trait Hooks<A> {
    /// The present: wall time, and monotonic time for intervals.
    fn now(&self) -> (Utc, Mono);
    /// What came with this is durable.
    fn acknowledge(&mut self, acknowledgement: A);
    /// A receipt of what is durable. False if it cannot be sent now: it is made again later.
    fn receipt(&mut self, issued: &Issued) -> bool;
    /// What was found of a batch's seal. False if it cannot be sent now: it is made again later.
    fn completeness(&mut self, issued: &IssuedCompleteness) -> bool;
    /// The agent has recorded the answer to this seal: it need not be kept for it any longer.
    fn confirmed(&mut self, agent: &str, journal: JournalId, seal_seq: u64);
    /// Plain JSON to be shown.
    fn unsigned(&mut self, message: UnsignedMessage);
    /// Oversight of an agent was lost or came back.
    fn oversight(&mut self, change: &OversightChange);
    /// Something durable has changed: the page may look again.
    fn changed(&mut self);
}

/// The writer.
pub struct Writer<A, H: Hooks<A>> {
    shelf: Shelf,
    intake: Intake,
    oversight: Oversight,
    schedule: Schedule,
    batches: Batches,
    sealer: Arc<dyn Sealer + Send + Sync>,
    hooks: H,
    group: Group<A>,
}

/// What the transaction that is open holds.
struct Group<A> {
    records: usize,
    acknowledgements: Vec<A>,
    touched: BTreeMap<JournalKey, bool>,
    unsigned: Vec<UnsignedMessage>,
    oversight: Vec<OversightChange>,
    sealed: Vec<(JournalKey, PendingSeal)>,
    confirmed: Vec<(JournalKey, u64)>,
}

impl<A> Default for Group<A> {
    fn default() -> Self {
        Self {
            records: 0,
            acknowledgements: Vec::new(),
            touched: BTreeMap::new(),
            unsigned: Vec::new(),
            oversight: Vec::new(),
            sealed: Vec::new(),
            confirmed: Vec::new(),
        }
    }
}

impl<A, H: Hooks<A>> Writer<A, H> {
    /// Goes on with what the database holds.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub fn resume(
        mut shelf: Shelf,
        verifier: Arc<Verifier>,
        sealer: Arc<dyn Sealer + Send + Sync>,
        receipt_interval_ms: u64,
        hooks: H,
    ) -> Result<Self, StoreError> {
        let (utc, mono) = hooks.now();
        let journals = shelf.journals()?;
        shelf.begin()?;
        let sites = verifier.sites();
        for (agent, site) in &sites {
            shelf.expect_agent(agent, site, utc)?;
        }
        shelf.commit(&journals, utc)?;
        let mut oversight = shelf.oversight(mono)?;
        sites.keys().for_each(|agent| oversight.expect(agent));
        let schedule = Schedule::new(receipt_interval_ms, journals.keys().cloned());
        let mut batches = Batches::default();
        for (key, seal) in shelf.pending_seals()? {
            batches.sealed(&key, seal);
        }
        let intake = Intake::new(verifier, journals, shelf.journal_keys()?);
        let group = Group::default();
        Ok(Self { shelf, intake, oversight, schedule, batches, sealer, hooks, group })
    }

    /// Works until all senders of `jobs` are gone and everything is committed.
    ///
    /// # Errors
    /// The database cannot be read or written: what is not committed has not been acknowledged,
    /// and the process should end.
    pub fn run(&mut self, jobs: &Receiver<Job<A>>) -> Result<(), StoreError> {
        loop {
            match jobs.recv_timeout(self.pause()) {
                Ok(job) => self.gather(job, jobs)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.issue_receipts()?;
                    return self.answer_seals();
                }
            }
            self.watch()?;
            self.issue_receipts()?;
            self.answer_seals()?;
        }
    }

    fn pause(&self) -> Duration {
        let (_, now) = self.hooks.now();
        let deadlines = [self.schedule.next_deadline(), self.batches.next_deadline()];
        let next = deadlines.into_iter().flatten().min();
        next.map_or(TICK, |at| Duration::from_nanos(at.0.saturating_sub(now.0)).min(TICK))
    }

    /// Takes `first` and what is queued behind it into one transaction, and commits.
    fn gather(&mut self, first: Job<A>, jobs: &Receiver<Job<A>>) -> Result<(), StoreError> {
        let began = Instant::now();
        self.shelf.begin()?;
        let mut next = Some(first);
        while let Some(job) = next {
            self.take(job)?;
            let full = self.group.records >= COMMIT_RECORDS_MAX;
            next =
                if full || began.elapsed() >= COMMIT_DELAY { None } else { jobs.try_recv().ok() };
        }
        self.commit()
    }

    fn take(&mut self, job: Job<A>) -> Result<(), StoreError> {
        let (checked, acknowledgement) = match job {
            Job::Message { checked, acknowledgement } => (checked, acknowledgement),
            Job::Connection(up) => {
                self.schedule.connection(up);
                if up {
                    self.batches.connected();
                }
                return Ok(());
            }
            Job::Agents(sites) => {
                let (utc, _) = self.hooks.now();
                for (agent, site) in &sites {
                    self.shelf.expect_agent(agent, site, utc)?;
                    self.oversight.expect(agent);
                }
                return Ok(());
            }
        };
        for one in checked {
            let outcome = self.intake.follow(one, &mut self.shelf)?;
            self.group.records += 1;
            self.note(outcome)?;
        }
        self.group.acknowledgements.push(acknowledgement);
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        match outcome {
            Outcome::Accepted(accepted) => {
                let common = &accepted.checked.record.common;
                let agent = &common.identity.agent;
                let key = (agent.clone(), common.identity.journal);
                *self.group.touched.entry(key).or_default() |= accepted.opens_hole;
                self.note_seal(&accepted.checked);
                if let Some(succession) = accepted.succession {
                    self.group.touched.insert((agent.clone(), succession.previous), true);
                }
                if accepted.checked.live && matches!(accepted.checked.record.body, Body::Health(_))
                {
                    let (_, mono) = self.hooks.now();
                    let received = accepted.checked.received;
                    let change = self.oversight.health(agent, received, mono);
                    if let Some(change) = change {
                        self.shelf.keep_oversight(&change)?;
                        self.group.oversight.push(change);
                    }
                }
            }
            Outcome::Duplicate(identity) | Outcome::NoRoom(identity) => {
                // Said again because our receipt did not arrive, so it is due again.
                self.group.touched.entry((identity.agent, identity.journal)).or_default();
            }
            Outcome::Unsigned(message) => self.group.unsigned.push(message),
            Outcome::Refused(_) | Outcome::Summary(_) | Outcome::Ignored => {}
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let (utc, _) = self.hooks.now();
        self.shelf.commit(self.intake.journals(), utc)?;
        let group = std::mem::take(&mut self.group);
        for (key, seal) in group.sealed {
            self.batches.sealed(&key, seal);
        }
        for (key, seq) in group.confirmed {
            self.batches.confirmed(&key, seq);
            self.hooks.confirmed(&key.0, key.1, seq);
        }
        for (key, hole_seen) in group.touched {
            self.batches.committed(&key);
            let incomplete = self.incomplete(&key);
            self.schedule.committed(&key, hole_seen, incomplete);
        }
        group.acknowledgements.into_iter().for_each(|one| self.hooks.acknowledge(one));
        group.unsigned.into_iter().for_each(|one| self.hooks.unsigned(one));
        group.oversight.iter().for_each(|one| self.hooks.oversight(one));
        self.hooks.changed();
        Ok(())
    }

    fn incomplete(&self, key: &JournalKey) -> bool {
        self.intake.journals().get(key).is_some_and(|progress| progress.missing_totals().0 > 0)
    }

    fn watch(&mut self) -> Result<(), StoreError> {
        let (utc, mono) = self.hooks.now();
        let changes = self.oversight.tick(utc, mono);
        if changes.is_empty() {
            return Ok(());
        }
        self.shelf.begin()?;
        for change in &changes {
            self.shelf.keep_oversight(change)?;
        }
        self.group.oversight = changes;
        self.commit()
    }

    /// Receipts that are due: kept first, then sent. The intake is not ahead of the database here,
    /// because no transaction is open.
    fn issue_receipts(&mut self) -> Result<(), StoreError> {
        let (utc, mono) = self.hooks.now();
        let due = self.schedule.due(mono);
        let known: BTreeSet<JournalKey> =
            due.into_iter().filter(|key| self.intake.journals().contains_key(key)).collect();
        if known.is_empty() {
            return Ok(());
        }
        let mut issued = Vec::with_capacity(known.len());
        self.shelf.begin()?;
        for key in known {
            let Some(progress) = self.intake.journals().get(&key) else { continue };
            let one = issue(&key, progress, self.sealer.as_ref(), utc);
            self.shelf.keep_receipt(&one.receipt, &one.sealed)?;
            issued.push((key, one));
        }
        self.commit()?;
        for (key, one) in issued {
            if self.hooks.receipt(&one) {
                let incomplete = !one.receipt.missing.is_empty();
                self.schedule.issued(&key, incomplete, mono);
            } else {
                self.schedule.postponed(&key, mono);
            }
        }
        Ok(())
    }

    fn note_seal(&mut self, checked: &CheckedRecord) {
        let common = &checked.record.common;
        let key = || (common.identity.agent.clone(), common.identity.journal);
        match &checked.record.body {
            Body::Batch(batch) => {
                let Some(seal) = &batch.seal else { return };
                let pending = PendingSeal {
                    unit: common.unit.clone().unwrap_or_default(),
                    batch: batch.batch.clone(),
                    first: seal.first,
                    last: seal.last,
                    seq: common.identity.seq,
                    hash: checked.hash,
                };
                self.group.sealed.push((key(), pending));
            }
            Body::Event(event) => {
                let seq = confirmed_seal(event);
                self.group.confirmed.extend(seq.map(|seq| (key(), seq)));
            }
            Body::Telemetry(_)
            | Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::State(_)
            | Body::Health(_) => {}
        }
    }

    /// Seals of batches that can be answered: all is here, or what is missing; kept first, then sent.
    fn answer_seals(&mut self) -> Result<(), StoreError> {
        let (utc, mono) = self.hooks.now();
        if !self.schedule.is_connected() {
            return Ok(());
        }
        for (key, seal) in self.batches.due(mono) {
            let Some(progress) = self.intake.journals().get(&key) else { continue };
            let before = seal.seq.saturating_sub(1);
            let missing = progress.missing_between(seal.first, before, RECEIPT_MISSING_MAX);
            let (found, root) = if missing.is_empty() {
                self.shelf.judge_seal(&key, &seal)?
            } else {
                (Completeness::Incomplete, Hash::NONE)
            };
            if !self.batches.found(&key, seal.seq, found, mono) {
                continue;
            }
            let found = (found, missing, root);
            let issued = issue_completeness(&key, &seal, found, self.sealer.as_ref(), utc);
            self.shelf.begin()?;
            self.shelf.keep_completeness(&issued.receipt, &issued.sealed)?;
            self.commit()?;
            if !self.hooks.completeness(&issued) {
                self.batches.connected();
            }
        }
        Ok(())
    }
}
