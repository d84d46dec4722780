//! Chains records and groups them into appends.

use std::collections::{BTreeMap, VecDeque};

use cellwatch_model::Now;
use cellwatch_record::{
    AwaitedSeal, Batch, BatchChange, Body, Chain, Common, CompletenessReceipt, EventKind, Head,
    Identity, Kind, SavedSeals,
};

use super::refused::Refused;
use super::{Confirmed, Said, Seals};
use crate::door::Append;

/// Bytes of payloads that may wait for the disk. Beyond it telemetry, health and states are refused under a
/// loss record, so that alarms, actions and events still find memory (LAW-10).
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Beyond so many, everything is refused under that loss record: judging and annunciation need no memory here.
const EVERYTHING_WAITING_BYTES_MAX: usize = 48 * 1024 * 1024;

/// What a record is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context<'a> {
    pub(crate) unit: Option<&'a str>,
    pub(crate) batch: Option<&'a str>,
    pub(crate) phase: Option<&'a str>,
}

/// Writes the chain.
#[derive(Debug)]
pub(crate) struct Recorder {
    chain: Chain,
    boot: u32,
    /// Index of the Master File that judges in each unit, and of the newest one.
    master_files: BTreeMap<String, u32>,
    newest_master_file: u32,
    durable: u64,
    /// Sizes of the payloads after `durable`, in their order, and their sum.
    waiting: VecDeque<usize>,
    waiting_bytes: usize,
    group: Vec<(Kind, Option<String>, Vec<u8>)>,
    urgent: bool,
    /// Only what the reserve on the disk is for is recorded.
    reserve_in_use: bool,
    refused: Refused,
    seals: Seals,
}

impl Recorder {
    pub(crate) fn new(agent: String, head: Head, boot: u32) -> Self {
        Self {
            durable: head.seq,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            chain: Chain::new(agent, head),
            boot,
            master_files: BTreeMap::new(),
            newest_master_file: 0,
            group: Vec::new(),
            urgent: false,
            reserve_in_use: false,
            refused: Refused::default(),
            seals: Seals::default(),
        }
    }

    pub(crate) const fn head(&self) -> Head {
        self.chain.head()
    }

    pub(crate) const fn durable(&self) -> u64 {
        self.durable
    }

    /// From now on this Master File judges in these units.
    pub(crate) fn set_master_file(&mut self, units: &[String], index: u32) {
        self.master_files.extend(units.iter().map(|unit| (unit.clone(), index)));
        self.newest_master_file = self.newest_master_file.max(index);
    }

    /// Everything up to here is on disk.
    pub(crate) fn durable_through(&mut self, seq: u64) {
        while self.durable < seq {
            self.durable += 1;
            self.waiting_bytes -= self.waiting.pop_front().unwrap_or_default();
        }
    }

    /// Readings that were refused since the start.
    pub(crate) const fn refused_readings(&self) -> u64 {
        self.refused.readings_ever()
    }

    /// The reserve on the disk is used from now on, or no longer.
    pub(crate) fn reserve(&mut self, in_use: bool, now: Now) {
        if std::mem::replace(&mut self.reserve_in_use, in_use) == in_use {
            return;
        }
        if in_use {
            let at = now.mono.floor_ms();
            let said = self.refused.begins(at);
            self.append(said.into(), Context::default(), now);
        } else {
            self.say_what_was_refused(now);
        }
    }

    /// Adds a record to the group. Gives its sequence number; none if it was refused for want of room.
    pub(crate) fn record(&mut self, body: Body, context: Context<'_>, now: Now) -> Option<u64> {
        if self.refuses(body.kind()) {
            self.refused.note(&body, now.mono.floor_ms());
            return None;
        }
        if body.kind() == Kind::Telemetry {
            self.say_what_was_refused(now);
        }
        Some(self.append(body, context, now))
    }

    const fn refuses(&self, kind: Kind) -> bool {
        let waiting = self.waiting_bytes;
        match kind {
            Kind::Telemetry => self.reserve_in_use || waiting >= WAITING_BYTES_MAX,
            Kind::State | Kind::Health => waiting >= WAITING_BYTES_MAX,
            Kind::Alarm
            | Kind::Deviation
            | Kind::Action
            | Kind::Result
            | Kind::Batch
            | Kind::Event => waiting >= EVERYTHING_WAITING_BYTES_MAX,
        }
    }

    fn say_what_was_refused(&mut self, now: Now) {
        if let Some(said) = self.refused.take(now.mono.floor_ms()) {
            self.append(said.into(), Context::default(), now);
        }
    }

    fn append(&mut self, body: Body, context: Context<'_>, now: Now) -> u64 {
        let kind = body.kind();
        self.urgent |= matches!(kind, Kind::Alarm | Kind::Action | Kind::Result | Kind::Batch);
        let unit = context.unit.map(str::to_owned);
        let common = Common {
            identity: Identity::default(),
            prev: cellwatch_record::Hash::NONE,
            boot: self.boot,
            utc: now.utc,
            mono: now.mono,
            clock: now.clock,
            master_file: match context.unit {
                Some(unit) => self.master_files.get(unit).copied().unwrap_or(0),
                None => self.newest_master_file,
            },
            unit: unit.clone(),
            batch: context.batch.map(str::to_owned),
            phase: context.phase.map(str::to_owned),
        };
        self.seals.starts(self.chain.head().seq + 1, context.unit, &body);
        let (seq, payload) = self.chain.append(common, body);
        self.seals.take(seq, kind, context.unit, self.chain.head().hash);
        self.waiting.push_back(payload.len());
        self.waiting_bytes += payload.len();
        self.group.push((kind, unit, payload));
        seq
    }

    /// Takes up the seals of before, ahead of the first record.
    pub(crate) fn resume_seals(&mut self, seals: Seals) {
        self.seals = seals;
    }

    /// Seals of the state record that comes next.
    pub(crate) fn save_seals(&self) -> SavedSeals {
        self.seals.save()
    }

    /// Batches that ended before this start and were not sealed, with their unit.
    pub(crate) fn ended_unsealed(&mut self) -> Vec<(String, Batch)> {
        std::mem::take(&mut self.seals.ended).into_iter().collect()
    }

    /// Records the seal of a batch; false where it cannot be sealed.
    pub(crate) fn seal(&mut self, context: Context<'_>, batch: &str, now: Now) -> bool {
        let unit = context.unit.unwrap_or_default();
        let Some(seal) = self.seals.seal(unit, batch) else { return false };
        let (first, at) = (seal.first, now.mono.floor_ms());
        let body = Body::Batch(Batch {
            change: BatchChange::Sealed,
            batch: batch.to_owned(),
            from: None,
            to: None,
            at,
            seal: Some(seal),
        });
        let seq = self.append(body, context, now);
        let (unit, batch, hash) = (unit.to_owned(), batch.to_owned(), self.chain.head().hash);
        let given_up = self.seals.await_answer(AwaitedSeal { unit, batch, first, seq, hash });
        if let Some(AwaitedSeal { unit, batch, seq, .. }) = given_up {
            let text = format!(
                "the Control Site never answered for batch {batch}, sealed at seq {seq}: it is no longer waited for"
            );
            let said = Said::new(EventKind::BatchIncomplete, at, text)
                .with("found", "unanswered")
                .with("seal_seq", seq);
            let context = Context { unit: Some(&unit), batch: Some(&batch), phase: None };
            self.append(said.into(), context, now);
        }
        true
    }

    /// The Control Site said something of a seal.
    pub(crate) fn confirm(&mut self, receipt: &CompletenessReceipt) -> Confirmed {
        let journal = self.chain.head().journal;
        self.seals.confirm(receipt, self.chain.agent(), journal, self.durable)
    }

    /// The first record that a batch keeps in the journal.
    pub(crate) fn keeps_from(&self) -> Option<u64> {
        self.seals.keeps_from()
    }

    /// The records of this input, to be committed together.
    pub(crate) fn flush(&mut self) -> Option<Append> {
        if self.group.is_empty() {
            return None;
        }
        let records = std::mem::take(&mut self.group);
        let first_seq = self.chain.head().seq + 1 - records.len() as u64;
        Some(Append { first_seq, records, urgent: std::mem::take(&mut self.urgent) })
    }
}
