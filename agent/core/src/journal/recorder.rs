//! Chains records and groups them into appends.

use std::collections::VecDeque;

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Body, Chain, Common, EventKind, Head, Identity, Kind};

use super::Said;
use crate::door::Append;

/// Bytes of payloads that may wait for the disk. Beyond it telemetry is refused under a loss record, so
/// that alarms, actions and events still find memory (LAW-10).
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

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
    master_file: u32,
    durable: u64,
    /// Sizes of the payloads after `durable`, in their order, and their sum.
    waiting: VecDeque<usize>,
    waiting_bytes: usize,
    group: Vec<(Kind, Option<String>, Vec<u8>)>,
    urgent: bool,
    refused_readings: u64,
    refused_since: Option<Mono>,
}

impl Recorder {
    pub(crate) fn new(agent: String, head: Head, boot: u32) -> Self {
        Self {
            durable: head.seq,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            chain: Chain::new(agent, head),
            boot,
            master_file: 0,
            group: Vec::new(),
            urgent: false,
            refused_readings: 0,
            refused_since: None,
        }
    }

    pub(crate) const fn head(&self) -> Head {
        self.chain.head()
    }

    pub(crate) const fn durable(&self) -> u64 {
        self.durable
    }

    pub(crate) const fn set_master_file(&mut self, index: u32) {
        self.master_file = index;
    }

    /// Everything up to here is on disk.
    pub(crate) fn durable_through(&mut self, seq: u64) {
        while self.durable < seq {
            self.durable += 1;
            self.waiting_bytes -= self.waiting.pop_front().unwrap_or_default();
        }
    }

    /// Adds a record to the group. Gives its sequence number; none if it was refused for want of room.
    pub(crate) fn record(&mut self, body: Body, context: Context<'_>, now: Now) -> Option<u64> {
        if let Body::Telemetry(frame) = &body {
            if self.waiting_bytes >= WAITING_BYTES_MAX {
                self.refused_readings += frame.readings() as u64;
                self.refused_since.get_or_insert(frame.from);
                return None;
            }
            self.say_what_was_refused(now);
        }
        Some(self.append(body, context, now))
    }

    fn say_what_was_refused(&mut self, now: Now) {
        let Some(since) = self.refused_since.take() else { return };
        let readings = std::mem::take(&mut self.refused_readings);
        let text = format!("{readings} readings were not recorded: the disk did not keep up");
        let said = Said::new(EventKind::Loss, now.mono.floor_ms(), text)
            .with("what", "telemetry")
            .with("count", readings)
            .with("from_mono_ns", since.0);
        self.append(said.into(), Context::default(), now);
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
            master_file: self.master_file,
            unit: unit.clone(),
            batch: context.batch.map(str::to_owned),
            phase: context.phase.map(str::to_owned),
        };
        let (seq, payload) = self.chain.append(common, body);
        self.waiting.push_back(payload.len());
        self.waiting_bytes += payload.len();
        self.group.push((kind, unit, payload));
        seq
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
