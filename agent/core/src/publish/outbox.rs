//! The outbox: owns delivery.
//!
//! ```text
//!   appended ──▶ durable ──▶ live queue ──▶ in flight ──▶ acknowledged ──▶ covered by a receipt
//!                   │            │              │               │
//!                   │  broker    │   broker     │  connection   │ the Control Site misses it
//!                   ▼  away      ▼   too slow   ▼  gone         ▼
//!                 backlog ◀──────┴──────────────┴───────────────┘ ──▶ bundles, at a throttle
//! ```
//! Nothing leaves this picture but by a receipt. Everything held in memory is bounded: what has no
//! room is in the journal, and a range of numbers says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use cellwatch_model::Mono;
use cellwatch_record::{Head, Kind, Receipt};

use super::book::{Book, Carried};
use super::ranges::Ranges;
use super::topics::Topics;
use crate::door::{Append, BrokerInput, Content, Message, Output};

/// Most publishes in flight, below any sensible broker's receive maximum.
const WINDOW_MAX: usize = 64;
/// Most bundles in flight: the rest of the window stays free for what is live.
const BUNDLES_MAX: usize = 4;
/// Largest bundle, bytes.
const BUNDLE_BYTES_MAX: usize = 64 * 1024;
/// Most records in a bundle.
const BUNDLE_RECORDS_MAX: u64 = 256;
/// Bytes that topic and MQTT header of a publish take at most.
const PACKET_OVERHEAD: usize = 512;
/// Live records that may wait for the window; more go to the backlog.
const LIVE_MAX: usize = 1024;
/// A retained receipt may arrive this long after the connection before backlog is sent, milliseconds.
const RECEIPT_GRACE_MS: u64 = 1_000;
/// What the broker refused is sent again after this long, milliseconds.
const REFUSED_PAUSE_MS: u64 = 5_000;
/// A record that was acknowledged so recently may still be on its way: not sent again on a receipt, milliseconds.
const ON_ITS_WAY_MS: u64 = 3_000;
/// Acknowledged records whose time is remembered.
const ACKNOWLEDGED_MAX: usize = 8_192;

/// The outbox.
#[derive(Debug)]
pub(crate) struct Outbox {
    topics: Topics,
    agent: String,
    head: Head,
    up: Option<Limits>,
    book: Book,
    appended: VecDeque<(u64, Kind, Option<String>)>,
    urgent: VecDeque<Live>,
    live: VecDeque<Live>,
    alarm_documents: BTreeMap<String, Content>,
    documents: BTreeMap<String, Content>,
    urgent_backlog: Ranges,
    backlog: Ranges,
    acknowledged: BTreeMap<u64, Mono>,
    through: u64,
    durable: u64,
    fetching: Option<bool>,
    hold_until: Mono,
    figures: Figures,
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) published: u64,
    pub(crate) bundles: u64,
    pub(crate) refused: u64,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    window: usize,
    packet_bytes: usize,
}

#[derive(Clone, Debug)]
struct Live {
    seq: u64,
    topic: String,
    sealed: Arc<[u8]>,
    urgent: bool,
}

/// What a receipt brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Receipted {
    /// Everything up to here is at the Control Site, more than before.
    Through(u64),
    /// Nothing new.
    Same,
    /// It cannot be meant for this journal; why.
    NotOurs(String),
}

impl Outbox {
    pub(crate) fn new(topics: Topics, agent: String, head: Head, through: u64) -> Self {
        let through = through.min(head.seq);
        let mut backlog = Ranges::default();
        backlog.insert(through + 1, head.seq);
        Self {
            topics,
            agent,
            head,
            up: None,
            book: Book::default(),
            appended: VecDeque::new(),
            urgent: VecDeque::new(),
            live: VecDeque::new(),
            alarm_documents: BTreeMap::new(),
            documents: BTreeMap::new(),
            urgent_backlog: Ranges::default(),
            backlog,
            acknowledged: BTreeMap::new(),
            through,
            durable: head.seq,
            fetching: None,
            hold_until: Mono::default(),
            figures: Figures::default(),
        }
    }

    pub(crate) const fn is_up(&self) -> bool {
        self.up.is_some()
    }

    pub(crate) const fn topics(&self) -> &Topics {
        &self.topics
    }

    pub(crate) const fn through(&self) -> u64 {
        self.through
    }

    pub(crate) const fn figures(&self) -> Figures {
        self.figures
    }

    /// Records that wait in the journal to be sent.
    pub(crate) fn backlog(&self) -> u64 {
        self.backlog.count() + self.urgent_backlog.count()
    }

    /// These records are on their way to the disk.
    pub(crate) fn appended(&mut self, append: &Append) {
        let records = append.records.iter().zip(append.first_seq..);
        self.appended.extend(records.map(|((kind, unit, _), seq)| (seq, *kind, unit.clone())));
    }

    /// These records are on disk.
    pub(crate) fn durable(&mut self, records: Vec<(u64, Arc<[u8]>)>) {
        for (seq, sealed) in records {
            self.durable = self.durable.max(seq);
            while self.appended.front().is_some_and(|(first, ..)| *first < seq) {
                self.appended.pop_front();
            }
            let known = self.appended.pop_front_if(|(first, ..)| *first == seq);
            let Some((_, kind, unit)) = known else {
                self.backlog.insert(seq, seq);
                continue;
            };
            let urgent = is_urgent(kind);
            let queue = if urgent { &self.urgent } else { &self.live };
            let fits = self.up.is_some_and(|limits| sealed.len() <= limits.packet_bytes);
            if !fits || queue.len() >= LIVE_MAX {
                self.put_in_backlog(seq, seq, urgent);
                continue;
            }
            let topic = self.topics.record(kind, unit.as_deref());
            let queue = if urgent { &mut self.urgent } else { &mut self.live };
            queue.push_back(Live { seq, topic, sealed, urgent });
        }
    }

    /// A document that the next one under its topic replaces; dropped while the broker is away.
    pub(crate) fn document(&mut self, topic: String, content: Content, is_alarm: bool) {
        if self.up.is_some() {
            let documents = if is_alarm { &mut self.alarm_documents } else { &mut self.documents };
            documents.insert(topic, content);
        }
    }

    /// What the broker said; true if the connection came up just now.
    pub(crate) fn broker(&mut self, input: &BrokerInput, now: Mono) -> bool {
        match input {
            BrokerInput::Up { receive_maximum, maximum_packet_size } => {
                self.down();
                let broker_bytes = maximum_packet_size.map_or(usize::MAX, |size| size as usize);
                self.up = Some(Limits {
                    window: WINDOW_MAX.min(usize::from(*receive_maximum)).max(1),
                    packet_bytes: broker_bytes.saturating_sub(PACKET_OVERHEAD).max(1),
                });
                self.hold_until = now.plus_ms(RECEIPT_GRACE_MS);
                return true;
            }
            BrokerInput::Down(_) => self.down(),
            BrokerInput::Sent(packet_id) => {
                if let Some(lost) = self.book.sent(*packet_id) {
                    self.send_again(lost);
                }
            }
            BrokerInput::Acknowledged { packet_id, reason } => {
                if let Some(carried) = self.book.answered(*packet_id) {
                    self.answered(carried, *reason, now);
                }
            }
        }
        false
    }

    fn answered(&mut self, carried: Carried, reason: u8, now: Mono) {
        if reason >= 0x80 {
            self.figures.refused += 1;
            self.hold_until = self.hold_until.max(now.plus_ms(REFUSED_PAUSE_MS));
            self.send_again(carried);
        } else if let Carried::Records { first, last, .. } = carried {
            self.acknowledged.extend((first..=last).map(|seq| (seq, now)));
            while self.acknowledged.len() > ACKNOWLEDGED_MAX {
                self.acknowledged.pop_first();
            }
        }
    }

    fn down(&mut self) {
        self.up = None;
        for lost in self.book.clear() {
            self.send_again(lost);
        }
        for live in self.urgent.drain(..).collect::<Vec<_>>() {
            self.put_in_backlog(live.seq, live.seq, true);
        }
        for live in self.live.drain(..).collect::<Vec<_>>() {
            self.put_in_backlog(live.seq, live.seq, false);
        }
        self.alarm_documents.clear();
        self.documents.clear();
    }

    fn send_again(&mut self, carried: Carried) {
        match carried {
            Carried::Records { first, last, urgent, .. } => {
                self.put_in_backlog(first, last, urgent)
            }
            Carried::Document { .. } => {}
        }
    }

    fn put_in_backlog(&mut self, first: u64, last: u64, urgent: bool) {
        let first = first.max(self.through + 1);
        if urgent {
            self.urgent_backlog.insert(first, last);
        } else {
            self.backlog.insert(first, last);
        }
    }

    /// The Control Site says what it has and what it misses.
    pub(crate) fn receipt(&mut self, receipt: &Receipt, now: Mono) -> Receipted {
        if receipt.agent != self.agent || receipt.journal != self.head.journal {
            let text = format!("it is for {} journal {}", receipt.agent, receipt.journal);
            return Receipted::NotOurs(text);
        }
        if receipt.through > self.durable {
            return Receipted::NotOurs(format!(
                "it covers seq {} but this journal ends at {}: the journal was restored from an older copy",
                receipt.through, self.durable
            ));
        }
        let before = self.through;
        self.through = self.through.max(receipt.through);
        self.backlog.remove(1, self.through);
        self.urgent_backlog.remove(1, self.through);
        self.acknowledged = self.acknowledged.split_off(&(self.through + 1));
        for missing in &receipt.missing {
            self.ask_again(missing.first, missing.last.min(self.durable), now);
        }
        if self.through > before { Receipted::Through(self.through) } else { Receipted::Same }
    }

    fn ask_again(&mut self, first: u64, last: u64, now: Mono) {
        let mut wanted = Ranges::default();
        wanted.insert(first.max(self.through + 1), last);
        for carried in self.book.iter() {
            if let Carried::Records { first, last, .. } = carried {
                wanted.remove(*first, *last);
            }
        }
        for live in self.urgent.iter().chain(&self.live) {
            wanted.remove(live.seq, live.seq);
        }
        for (seq, at) in self.acknowledged.range(first..=last.max(first)) {
            if now.ms_since(*at) < ON_ITS_WAY_MS {
                wanted.remove(*seq, *seq);
            }
        }
        while let Some((first, last)) = wanted.first() {
            wanted.remove(first, last);
            self.backlog.insert(first, last);
        }
    }

    /// The journal gave a bundle.
    pub(crate) fn fetched(
        &mut self,
        first: u64,
        through: u64,
        bundle: Vec<u8>,
        now: Mono,
    ) -> Option<Output> {
        let urgent = self.fetching.take()?;
        let limits = self.up?;
        if through < first || bundle.len() > limits.packet_bytes {
            self.hold_until = self.hold_until.max(now.plus_ms(REFUSED_PAUSE_MS));
            return None;
        }
        self.backlog.remove(first, through);
        self.urgent_backlog.remove(first, through);
        if through <= self.through {
            return None;
        }
        self.figures.bundles += 1;
        self.book.hand(Carried::Records { first, last: through, urgent, backfill: true });
        Some(publish(self.topics.backfill(), false, Content::Sealed(bundle.into())))
    }

    /// The next thing to send, most urgent first; none while the window is full.
    pub(crate) fn next(&mut self, now: Mono) -> Option<Output> {
        let limits = self.up?;
        if self.book.len() >= limits.window {
            return None;
        }
        if let Some((topic, content)) = self.alarm_documents.pop_first() {
            return Some(self.send_document(topic, content));
        }
        if let Some(live) = self.urgent.pop_front().or_else(|| self.live.pop_front()) {
            self.figures.published += 1;
            let Live { seq, topic, sealed, urgent } = live;
            let records = Carried::Records { first: seq, last: seq, urgent, backfill: false };
            self.book.hand(records);
            return Some(publish(topic, false, Content::Sealed(sealed)));
        }
        if let Some((topic, content)) = self.documents.pop_first() {
            return Some(self.send_document(topic, content));
        }
        self.fetch(now, limits)
    }

    fn send_document(&mut self, topic: String, content: Content) -> Output {
        self.book.hand(Carried::Document { topic: topic.clone() });
        publish(topic, true, content)
    }

    fn fetch(&mut self, now: Mono, limits: Limits) -> Option<Output> {
        if self.fetching.is_some() || now < self.hold_until || !self.has_room_for_bundles() {
            return None;
        }
        let urgent = self.urgent_backlog.first();
        let (first, last) = urgent.or_else(|| self.backlog.first())?;
        self.fetching = Some(urgent.is_some());
        let last = last.min(first + BUNDLE_RECORDS_MAX - 1);
        let max_bytes = BUNDLE_BYTES_MAX.min(limits.packet_bytes);
        Some(Output::Fetch { first, last, max_bytes })
    }

    fn has_room_for_bundles(&self) -> bool {
        let bundle = |one: &&Carried| matches!(one, Carried::Records { backfill: true, .. });
        self.book.iter().filter(bundle).count() < BUNDLES_MAX
    }

    /// When held backlog may be sent; none while it waits for an answer of the broker instead.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let window = self.up.map_or(0, |limits| limits.window);
        let has_room = self.book.len() < window && self.has_room_for_bundles();
        let waits = has_room && self.fetching.is_none() && self.backlog() > 0;
        waits.then_some(self.hold_until)
    }
}

const fn is_urgent(kind: Kind) -> bool {
    match kind {
        Kind::Alarm | Kind::Deviation | Kind::Action | Kind::Result | Kind::Batch => true,
        Kind::Telemetry | Kind::Event | Kind::State | Kind::Health => false,
    }
}

const fn publish(topic: String, retain: bool, content: Content) -> Output {
    Output::Publish(Message { topic, retain, content })
}
