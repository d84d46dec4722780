//! The outbox: owns delivery.
//!
//! ```text
//!   appended ──▶ durable ──▶ live queue ──▶ in flight ──▶ acknowledged ──▶ covered by a receipt
//!                   │            │              │               │
//!                   │  broker    │   broker     │  connection   │ the Control Site misses it,
//!                   ▼  away      ▼   too slow   ▼  gone,        ▼ or never says that it has it
//!                 backlog ◀──────┴──────────────┴──refused──────┘ ──▶ bundles, at a throttle
//!                   ▲ └──▶ aside: too large alone, refused alone, not to be read
//!                   └────────┘ later, so that it stands in nobody's way
//! ```
//! Nothing leaves this picture but by a receipt. Everything held in memory is bounded (`limits`):
//! what has no room is in the journal, and a range of numbers says so.
//!
//! **The broker's word counts for little.** Answers come late, in any order or never; a packet
//! identifier may be used again; a refusal is tried again; what it acknowledged it may forget. Only a
//! receipt of the Control Site ends a record's way. A receipt covers no less than one before it:
//! [`Outbox::through`], which lets records be pruned, never goes back.
//!
//! **The tail.** What the broker forgot is revealed by any later record that arrives, because the
//! Control Site then misses what lies between; the connection itself and the health record every 30 s
//! are such records. Beyond that, when receipts come and their highest stored record does not rise for
//! [`Pauses::tail_ms`], everything acknowledged after it goes out again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Head, JournalId, Kind};

use super::aside::Aside;
use super::backfill::Bundling;
use super::book::{Book, Carried};
use super::limits::{APPENDED_MAX, Limits, Pauses, rebased};
use super::notice::{Notice, Notices};
use super::queue::{Live, Queue};
use super::ranges::Ranges;
use super::silence::Silence;
use super::topics::Topics;
use crate::door::{Append, Content, Message, Output};

/// The outbox of one journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outbox {
    pub(super) topics: Topics,
    pub(super) agent: String,
    pub(super) journal: JournalId,
    pub(super) pauses: Pauses,
    pub(super) up: Option<Limits>,
    /// No key seals: nothing goes out, and what becomes durable waits in the journal.
    held: bool,
    pub(super) book: Book,
    pub(super) silence: Silence,
    /// On their way to the disk: what makes their topic.
    appended: VecDeque<(u64, Kind, Option<String>)>,
    pub(super) urgent: Queue,
    pub(super) live: Queue,
    /// By topic: bounded by the number of units.
    pub(super) alarm_documents: BTreeMap<String, Content>,
    pub(super) documents: BTreeMap<String, Content>,
    /// Alarm documents wait until then: the broker refused one.
    pub(super) documents_hold_until: Mono,
    pub(super) urgent_backlog: Ranges,
    pub(super) backlog: Ranges,
    pub(super) aside: Aside,
    /// Not to be had any more, as a record says: never asked for, whoever misses it.
    pub(super) gone: Ranges,
    pub(super) bundling: Bundling,
    /// Until when an acknowledged record may still be on its way.
    pub(super) acknowledged: BTreeMap<u64, Mono>,
    /// Everything up to here was covered by a receipt at some time: never goes back.
    pub(super) through: u64,
    /// Everything up to here is there by the newest receipt: needs no sending.
    pub(super) floor: u64,
    /// The Control Site's time of the newest receipt.
    pub(super) issued: Utc,
    /// Records that it named as missing.
    pub(super) missed: u64,
    /// A receipt has come on this connection.
    pub(super) receipts_come: bool,
    /// Highest record stored by the newest receipt.
    pub(super) highest: u64,
    pub(super) tail_due: Mono,
    pub(super) durable: u64,
    pub(super) hold_until: Mono,
    pub(super) notices: Notices,
    pub(super) figures: Figures,
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Figures {
    /// Live records handed over.
    pub published: u64,
    /// Bundles handed over.
    pub bundles: u64,
    /// Publishes that the broker refused.
    pub refused: u64,
    /// Connections given up because the broker did not answer.
    pub given_up: u64,
}

impl Outbox {
    /// An outbox at a start: everything after `through`, which a receipt covered, up to the journal's
    /// `head` is backlog.
    #[must_use]
    pub fn new(topics: Topics, agent: String, head: Head, through: u64, pauses: Pauses) -> Self {
        let through = through.min(head.seq);
        let mut backlog = Ranges::default();
        backlog.insert(through.saturating_add(1), head.seq);
        Self {
            topics,
            agent,
            journal: head.journal,
            pauses,
            up: None,
            held: false,
            book: Book::default(),
            silence: Silence::new(&pauses),
            appended: VecDeque::new(),
            urgent: Queue::default(),
            live: Queue::default(),
            alarm_documents: BTreeMap::new(),
            documents: BTreeMap::new(),
            documents_hold_until: Mono::default(),
            urgent_backlog: Ranges::default(),
            backlog,
            aside: Aside::default(),
            gone: Ranges::default(),
            bundling: Bundling::default(),
            acknowledged: BTreeMap::new(),
            through,
            floor: through,
            issued: Utc(i64::MIN),
            missed: 0,
            receipts_come: false,
            highest: 0,
            tail_due: Mono::default(),
            durable: head.seq,
            hold_until: Mono::default(),
            notices: Notices::default(),
            figures: Figures::default(),
        }
    }

    /// True while the broker is there.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.up.is_some()
    }

    /// Holds everything back while no key seals, or lets it go again; true if that is news.
    pub fn hold(&mut self, held: bool) -> bool {
        if held {
            self.withdraw();
        }
        std::mem::replace(&mut self.held, held) != held
    }

    /// The topics of this agent.
    #[must_use]
    pub const fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Everything up to here was covered by a receipt, and may be pruned. Never goes back.
    #[must_use]
    pub const fn through(&self) -> u64 {
        self.through
    }

    /// True if the Control Site has yet to receive any of `first` to `last`.
    #[must_use]
    pub fn awaits(&self, first: u64, last: u64) -> bool {
        first <= last && last > self.floor
    }

    /// Nobody has `first` to `last` any more: what of it is not known yet to be gone, is given up.
    pub fn lose(&mut self, first: u64, last: u64) -> Ranges {
        let mut news = Ranges::default();
        news.insert(first.max(self.floor.saturating_add(1)), last.min(self.durable));
        news.remove_all(&self.gone);
        for (first, last) in news.iter() {
            self.give_up(first, last);
        }
        news
    }

    pub(super) fn give_up(&mut self, first: u64, last: u64) {
        self.gone.insert(first, last);
        self.backlog.remove(first, last);
        self.urgent_backlog.remove(first, last);
        self.aside.remove(first, last);
    }

    /// Counters since the start.
    #[must_use]
    pub const fn figures(&self) -> Figures {
        self.figures
    }

    /// Records that wait in the journal to be sent, those set aside included.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.backlog.count() + self.urgent_backlog.count() + self.aside.count()
    }

    /// Records set aside: too large for the broker, refused alone, or not to be read.
    #[must_use]
    pub fn undeliverable(&self) -> u64 {
        self.aside.count()
    }

    /// Publishes in flight, and how many of them are bundles.
    #[must_use]
    pub fn in_flight(&self) -> (usize, usize) {
        (self.book.len(), self.book.bundles())
    }

    /// The next thing about delivery that belongs on record.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.notices.take()
    }

    /// These records are on their way to the disk.
    pub fn appended(&mut self, append: &Append) {
        for ((kind, unit, _), seq) in append.records.iter().zip(append.first_seq..) {
            if self.appended.len() >= APPENDED_MAX {
                if !is_urgent(*kind) {
                    continue;
                }
                self.appended.pop_front();
            }
            self.appended.push_back((seq, *kind, unit.clone()));
        }
    }

    /// These records are on disk: sequence number and sealed bytes, ascending.
    pub fn durable(&mut self, records: Vec<(u64, Arc<[u8]>)>) {
        for (seq, sealed) in records {
            self.durable = self.durable.max(seq);
            while self.appended.front().is_some_and(|(first, ..)| *first < seq) {
                self.appended.pop_front();
            }
            let known = self.appended.pop_front_if(|(first, ..)| *first == seq);
            let Some((_, kind, unit)) = known else {
                self.put_in_backlog(seq, seq, false);
                continue;
            };
            let urgent = is_urgent(kind);
            let topic = self.topics.record(kind, unit.as_deref());
            let fits =
                !self.held && self.up.is_some_and(|limits| sealed.len() <= limits.room(&topic));
            let queue = if urgent { &mut self.urgent } else { &mut self.live };
            if !(fits && queue.push(Live { seq, topic, sealed })) {
                self.put_in_backlog(seq, seq, urgent);
            }
        }
    }

    /// A document that the next one under its topic replaces; dropped while the broker is away.
    pub fn document(&mut self, topic: String, content: Content, is_alarm: bool) {
        let Some(limits) = self.up.filter(|_| !self.held) else { return };
        let (bytes, room) = match &content {
            Content::Sealed(bytes) => (bytes.len(), limits.room(&topic)),
            Content::Plain(bytes) => (bytes.len(), limits.room(&topic)),
            Content::ToSeal { payload, .. } => (payload.len(), limits.room_to_seal(&topic)),
        };
        if bytes > room {
            let packet_bytes_max = limits.packet_bytes as u64;
            let bytes = bytes as u64;
            self.notices.say(Notice::DocumentTooLarge { topic, bytes, packet_bytes_max });
            return;
        }
        let documents = if is_alarm { &mut self.alarm_documents } else { &mut self.documents };
        documents.insert(topic, content);
    }

    pub(super) fn send_again(&mut self, carried: Carried) {
        match carried {
            Carried::Records { first, last, urgent, .. } => {
                self.put_in_backlog(first, last, urgent);
            }
            // All are offered again after a connection, and values within seconds.
            Carried::Document { .. } => {}
        }
    }

    pub(super) fn put_in_backlog(&mut self, first: u64, last: u64, urgent: bool) {
        let first = first.max(self.floor.saturating_add(1));
        let backlog = if urgent { &mut self.urgent_backlog } else { &mut self.backlog };
        backlog.insert(first, last);
        backlog.bound();
        backlog.remove_all(&self.gone);
    }

    pub(super) fn come_back(&mut self, aside: &Ranges) {
        for (first, last) in aside.iter() {
            self.put_in_backlog(first, last, false);
        }
    }

    /// The next thing to do, most urgent first; none while the window is full.
    pub fn next(&mut self, now: Mono) -> Option<Output> {
        let back = self.aside.release(now);
        self.come_back(&back);
        let limits = self.up?;
        if self.silence.gives_up(self.book.due(), &self.pauses, now) {
            self.figures.given_up += 1;
            let open = self.book.len();
            let why = format!(
                "the broker leaves {open} publishes without an answer: connecting anew; see to the broker and the line"
            );
            return Some(Output::Reconnect { why });
        }
        if self.held || self.silence.has_given_up() || self.book.len() >= limits.window {
            return None;
        }
        if now >= self.documents_hold_until
            && let Some((topic, content)) = self.alarm_documents.pop_first()
        {
            let again = Some(content.clone());
            return Some(self.send_document(topic, content, again, now));
        }
        if let Some(live) = self.urgent.pop() {
            return Some(self.send_live(live, true, now));
        }
        if let Some(live) = self.live.pop() {
            return Some(self.send_live(live, false, now));
        }
        if let Some((topic, content)) = self.documents.pop_first() {
            return Some(self.send_document(topic, content, None, now));
        }
        self.send_bundle(now).or_else(|| self.fetch(limits, now))
    }

    fn send_live(&mut self, live: Live, urgent: bool, now: Mono) -> Output {
        self.figures.published += 1;
        let Live { seq, topic, sealed } = live;
        self.hand(Carried::Records { first: seq, last: seq, urgent, backfill: false }, now);
        publish(topic, false, Content::Sealed(sealed))
    }

    fn send_document(
        &mut self,
        topic: String,
        content: Content,
        again: Option<Content>,
        now: Mono,
    ) -> Output {
        self.hand(Carried::Document { topic: topic.clone(), content: again }, now);
        publish(topic, true, content)
    }

    pub(super) fn hand(&mut self, carried: Carried, now: Mono) {
        self.silence.handed(now);
        self.book.hand(carried, now.plus_ms(self.pauses.unanswered_ms));
    }

    /// When [`Self::next`] has something to do that no input brings.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let limits = self.up?;
        let is_open = !self.held && !self.silence.has_given_up() && self.book.len() < limits.window;
        let has_documents = is_open && !self.alarm_documents.is_empty();
        let deadlines = [
            self.silence.due(self.book.due()),
            self.aside.due(),
            has_documents.then_some(self.documents_hold_until),
            (is_open && self.may_fetch(limits)).then_some(self.hold_until),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Moves the origin of time to `now` and the figures to zero. An exploration thus sees that two
    /// states are the same although they came at different times.
    pub fn rebase(&mut self, now: Mono) {
        self.figures = Figures::default();
        self.book.rebase(now);
        self.silence.rebase(now);
        self.aside.rebase(now);
        for at in self.acknowledged.values_mut() {
            *at = rebased(*at, now);
        }
        for at in [&mut self.hold_until, &mut self.documents_hold_until, &mut self.tail_due] {
            *at = rebased(*at, now);
        }
    }
}

const fn is_urgent(kind: Kind) -> bool {
    match kind {
        Kind::Alarm | Kind::Deviation | Kind::Action | Kind::Result | Kind::Batch => true,
        Kind::Telemetry | Kind::Event | Kind::State | Kind::Health => false,
    }
}

pub(super) const fn publish(topic: String, retain: bool, content: Content) -> Output {
    Output::Publish(Message { topic, retain, content })
}
