//! A journal, a broker and a Control Site in small around an outbox.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use cellwatch_core::door::{Append, BrokerInput, Content, Message, Output};
use cellwatch_core::publish::{Notice, Outbox, Pauses, Ranges, Receipted, Topics};
use cellwatch_model::{Mono, Utc};
use cellwatch_record::{
    Hash, Head, JournalId, Kind, Missing, RECEIPT_MISSING_MAX, Receipt, bundle,
};

const JOURNAL: JournalId = JournalId([7; 16]);

/// A journal, a broker and a Control Site around an outbox.
pub struct Rig {
    pub outbox: Outbox,
    pub now: Mono,
    pub disk: BTreeMap<u64, Arc<[u8]>>,
    pub unreadable: BTreeSet<u64>,
    pub urgent: BTreeSet<u64>,
    pub fetching: VecDeque<(u64, u64, usize)>,
    pub limits: Option<(u16, Option<u32>)>,
    /// By identifier: what was published and not answered.
    pub open: BTreeMap<u16, Vec<u64>>,
    /// In the order in which they left.
    pub left: Vec<Vec<u64>>,
    pub next_id: u16,
    pub stored: BTreeSet<u64>,
    pub issued: i64,
    pub gave_up: usize,
    pub notices: Vec<Notice>,
}

impl Rig {
    pub fn new(records: u64) -> Self {
        let mut rig = Self {
            outbox: Outbox::new(topics(), "a".to_owned(), head(0), 0, Pauses::default()),
            now: Mono(0),
            disk: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            urgent: BTreeSet::new(),
            fetching: VecDeque::new(),
            limits: None,
            open: BTreeMap::new(),
            left: Vec::new(),
            next_id: 0,
            stored: BTreeSet::new(),
            issued: 0,
            gave_up: 0,
            notices: Vec::new(),
        };
        for _ in 0..records {
            rig.record(Kind::Telemetry, 200);
        }
        rig
    }

    pub fn record(&mut self, kind: Kind, bytes: usize) {
        let seq = self.disk.len() as u64 + 1;
        let mut sealed = seq.to_be_bytes().to_vec();
        sealed.resize(bytes.max(8), 0);
        let sealed: Arc<[u8]> = sealed.into();
        if kind == Kind::Alarm {
            self.urgent.insert(seq);
        }
        let records = vec![(kind, None, Vec::new())];
        self.outbox.appended(&Append { first_seq: seq, records, urgent: false });
        self.disk.insert(seq, Arc::clone(&sealed));
        self.outbox.durable(vec![(seq, sealed)]);
        self.drain();
    }

    pub fn connect(&mut self, receive_maximum: u16, maximum_packet_size: Option<u32>) {
        self.limits = Some((receive_maximum, maximum_packet_size));
        self.open.clear();
        self.outbox.broker(&BrokerInput::Up { receive_maximum, maximum_packet_size }, self.now);
        self.drain();
    }

    pub fn disconnect(&mut self) {
        self.limits = None;
        self.open.clear();
        self.outbox.broker(&BrokerInput::Down("gone".to_owned()), self.now);
        self.drain();
    }

    /// The broker answers; what it took is stored unless it forgets it.
    pub fn answer(&mut self, packet_id: u16, reason: u8, stores: bool) {
        let Some(seqs) = self.open.remove(&packet_id) else { return };
        if stores && reason < 0x80 {
            self.stored.extend(seqs);
        }
        self.outbox.broker(&BrokerInput::Acknowledged { packet_id, reason }, self.now);
        self.drain();
    }

    pub fn fetched(&mut self) {
        let Some((first, last, max_bytes)) = self.fetching.pop_front() else { return };
        let (mut records, mut bytes) = (Vec::new(), 0);
        for (seq, sealed) in self.disk.range(first..=last) {
            bytes += sealed.len();
            if self.unreadable.contains(seq) || (bytes > max_bytes && !records.is_empty()) {
                break;
            }
            records.push(Arc::clone(sealed));
        }
        let through = first + records.len() as u64 - 1;
        self.outbox.fetched(first, through, bundle::encode(&records), self.now);
        self.drain();
    }

    pub fn through(&self) -> u64 {
        (1..).zip(&self.stored).take_while(|(want, have)| want == *have).count() as u64
    }

    pub fn receipt_now(&mut self) -> Receipt {
        self.issued += 1;
        let (through, highest) = (self.through(), self.stored.last().copied().unwrap_or(0));
        let mut missing = Ranges::default();
        missing.insert(through + 1, highest);
        self.stored.iter().for_each(|seq| missing.remove(*seq, *seq));
        let missing = missing.iter().take(RECEIPT_MISSING_MAX);
        Receipt {
            agent: "a".to_owned(),
            journal: JOURNAL,
            through,
            hash: Hash::NONE,
            missing: missing.map(|(first, last)| Missing { first, last }).collect(),
            highest,
            issued: Utc(self.issued),
        }
    }

    pub fn receipt(&mut self, receipt: &Receipt) -> Receipted {
        let before = self.outbox.through();
        let receipted = self.outbox.receipt(receipt, self.now);
        assert!(self.outbox.through() >= before, "LAW-03: no receipt takes back another");
        self.drain();
        receipted
    }

    pub fn elapse(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.drain();
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.outbox.next(self.now) {
            #[allow(clippy::wildcard_enum_match_arm, reason = "an outbox gives no others")]
            match output {
                Output::Publish(message) => self.publish(&message),
                Output::Fetch { first, last, max_bytes } => {
                    self.fetching.push_back((first, last, max_bytes));
                }
                Output::Reconnect { .. } => {
                    self.gave_up += 1;
                    self.limits = None;
                    self.open.clear();
                    self.outbox.broker(&BrokerInput::Down("given up".to_owned()), self.now);
                }
                other => panic!("the outbox asks for {other:?}"),
            }
            self.check();
        }
        let due = self.outbox.next_deadline();
        assert!(due.is_none_or(|due| due > self.now), "a deadline that was served is still due");
        while let Some(notice) = self.outbox.take_notice() {
            self.notices.push(notice);
        }
    }

    pub fn check(&self) {
        let (in_flight, bundles) = self.outbox.in_flight();
        let window = self.limits.map_or(0, |(receive_maximum, _)| receive_maximum.clamp(1, 64));
        assert!(in_flight <= usize::from(window), "{in_flight} in flight of {window}");
        assert!(bundles <= 4.min(usize::from(window / 2).max(1)), "{bundles} bundles");
        assert!(self.fetching.len() <= 1, "one fetch at a time");
    }

    pub fn publish(&mut self, message: &Message) {
        let Content::Sealed(bytes) = &message.content else { panic!("no documents are offered") };
        let (_, packet) = self.limits.expect("nothing is handed to a broker that is away");
        let size = bytes.len() + message.topic.len() + 10;
        assert!(packet.is_none_or(|max| size <= max as usize), "{size} bytes of {packet:?}");
        let seq = |sealed: &[u8]| u64::from_be_bytes(sealed[..8].try_into().unwrap());
        let seqs: Vec<u64> = if message.topic.ends_with("backfill") {
            bundle::decode(bytes).unwrap().into_iter().map(seq).collect()
        } else {
            vec![seq(bytes)]
        };
        self.left.push(seqs.clone());
        self.next_id = self.next_id % 100 + 1;
        while self.open.contains_key(&self.next_id) {
            self.next_id = self.next_id % 100 + 1;
        }
        self.open.insert(self.next_id, seqs);
        self.outbox.broker(&BrokerInput::Sent(self.next_id), self.now);
    }

    /// A broker and a Control Site without fault, for as long as it takes; true if everything
    /// arrived but `except`.
    pub fn converges(&mut self, except: &BTreeSet<u64>) -> bool {
        for _ in 0..200 {
            if self.limits.is_none() {
                self.connect(20, None);
            }
            self.fetched();
            while let Some((packet_id, _)) = self.open.first_key_value() {
                self.answer(*packet_id, 0, true);
            }
            let receipt = self.receipt_now();
            self.receipt(&receipt);
            let missing = self.disk.keys().filter(|seq| !self.stored.contains(seq));
            if missing.eq(except.iter()) && self.outbox.through() == self.through() {
                return true;
            }
            self.elapse(4_000);
        }
        false
    }
}

fn topics() -> Topics {
    Topics::new("s", "a")
}

fn head(seq: u64) -> Head {
    Head { journal: JOURNAL, seq, hash: Hash::NONE }
}
