//! Drives the core through its door in virtual time: devices, a disk, a broker and a Control Site
//! as simple models, no thread, no clock, no chance.
#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    clippy::wildcard_enum_match_arm,
    reason = "each test target uses a part"
)]

mod control_site;
mod device;
mod files;
pub mod people;
mod restart;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{Profile, Role};
use cellwatch_core::Agent;
use cellwatch_core::door::{
    BrokerInput, Content, DeviceId, DeviceSetup, Input, LineSetup, Message, Offered, Output, Setup,
    Shown, Start, UnitSetup,
};
use cellwatch_core::serve::View;
use cellwatch_core::serve::escalation::Notification;
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_record::{
    Body, ChainCheck, Hash, Head, JournalId, Kind, Record, SavedSite, bundle, decode,
};

pub use control_site::ControlSite;
pub use device::{Behaviour, Device};
pub use files::{PAIR, PROFILE, master_file, master_file_with, offer, profile};
pub use people::person;

/// 2026-01-01T00:00:00Z.
pub const EPOCH_NS: i64 = 1_767_225_600_000_000_000;
pub const JOURNAL: JournalId = JournalId([7; 16]);

/// A whole site in virtual time.
pub struct Site {
    pub agent: Agent,
    pub setup: Setup,
    pub boots: u32,
    /// Every Master File that was offered whole.
    pub files: BTreeMap<Hash, Arc<MasterFile>>,
    /// The Master Files that the next start needs, by ascending version.
    pub kept: Vec<(Hash, u64)>,
    pub now_ms: u64,
    pub devices: Vec<Device>,
    pub payloads: BTreeMap<u64, Arc<[u8]>>,
    pub durable: u64,
    pub control_site: ControlSite,
    pub broker_up: bool,
    /// What the broker says of itself.
    pub receive_maximum: u16,
    pub maximum_packet_size: Option<u32>,
    /// When the core gave a connection up, and why.
    pub reconnects: Vec<(u64, String)>,
    /// Writes to annunciators: (milliseconds, annunciator, coils).
    pub lights: Vec<(u64, usize, Vec<bool>)>,
    /// Attempts to send messages.
    pub mails: Vec<(u64, Notification)>,
    /// Why they fail; none while they do not.
    pub mail_fails: Option<String>,
    /// Why writes to annunciators fail; none while they do not.
    pub light_fails: Option<String>,
    pub shown: Vec<(u64, Shown)>,
    /// The latest.
    pub metrics: String,
    /// What people saw while somebody looked.
    pub views: Vec<(u64, Arc<View>)>,
    /// Topics of what was handed to the broker, with the sequence numbers it carried.
    pub published: Vec<(u64, String, Vec<u64>)>,
    pub appends: Vec<(u64, bool, Vec<Kind>)>,
    pub commit_ms: u64,
    pub ack_ms: u64,
    pub requests: Vec<(u64, DeviceId)>,
    pub sync: ClockSync,
    /// How far the wall clock was set away from the time of the test, nanoseconds.
    pub wall_ns: i64,
    /// Up to where the shell was told to prune, each time.
    pub pruned: Vec<u64>,
    /// Why another journal was to begin, each time.
    pub begun: Vec<String>,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    next_packet: u16,
}

enum Event {
    Input(Input),
    Commit(u64, Vec<Vec<u8>>),
    Deliver { topic: String, bytes: Vec<u8>, packet_id: u16, connection: u64 },
}

pub fn head() -> Head {
    Head { journal: JOURNAL, seq: 0, hash: Hash::NONE }
}

pub fn start() -> Start {
    Start {
        head: head(),
        new_journal: true,
        previous: None,
        former: Vec::new(),
        boot: 1,
        receipt_through: 0,
        master_file_version: 0,
        site: SavedSite::default(),
        history: Vec::new(),
        hashes: Vec::new(),
        same_machine_boot: true,
    }
}

/// One unit for each device.
pub fn setup(devices: usize) -> Setup {
    let profile = Arc::new(profile());
    let device = |index| DeviceSetup {
        id: format!("bx-{index}"),
        line: index,
        modbus_unit: 1,
        opcua: None,
        profile: Arc::clone(&profile),
    };
    let unit = |index| UnitSetup {
        id: format!("BX-{index}"),
        name: "rocking bag".to_owned(),
        devices: vec![index],
    };
    Setup {
        site: "barcelona-1".to_owned(),
        agent: "agent-1".to_owned(),
        version: "0.0.0".to_owned(),
        frame_ms: 5_000,
        lines: (0..devices).map(|index| LineSetup::own(format!("bx-{index}"))).collect(),
        devices: (0..devices).map(device).collect(),
        units: (0..devices).map(unit).collect(),
        ..Setup::default()
    }
}

/// One unit for each device; no device says its phase.
pub fn setup_led_by_people(devices: usize) -> Setup {
    let mut setup = setup(devices);
    for device in &mut setup.devices {
        let mut profile = Profile::clone(&device.profile);
        for parameter in &mut profile.parameters {
            parameter.role = Role::Process;
        }
        device.profile = Arc::new(profile);
    }
    setup
}

impl Site {
    pub fn new(devices: usize) -> Self {
        Self::of(setup(devices))
    }

    pub fn of(setup: Setup) -> Self {
        let sync = ClockSync::Simulated;
        let devices = setup.devices.len();
        let mut site = Self {
            agent: Agent::new(setup.clone(), start(), now(1_000, sync)),
            setup,
            boots: 1,
            files: BTreeMap::new(),
            kept: Vec::new(),
            now_ms: 1_000,
            devices: (0..devices).map(|_| Device::default()).collect(),
            payloads: BTreeMap::new(),
            durable: 0,
            control_site: ControlSite::default(),
            broker_up: false,
            receive_maximum: 20,
            maximum_packet_size: None,
            reconnects: Vec::new(),
            lights: Vec::new(),
            light_fails: None,
            mails: Vec::new(),
            mail_fails: None,
            shown: Vec::new(),
            metrics: String::new(),
            views: Vec::new(),
            published: Vec::new(),
            appends: Vec::new(),
            commit_ms: 3,
            ack_ms: 2,
            requests: Vec::new(),
            sync,
            wall_ns: 0,
            pruned: Vec::new(),
            begun: Vec::new(),
            events: BTreeMap::new(),
            next_event: 0,
            next_packet: 0,
        };
        site.drain();
        let clock = Clock { sync, error_bound_us: 0, offset_us: 0 };
        site.input(Input::Clock(clock));
        site
    }

    /// With a broker and the Master File of the tests.
    pub fn judging(devices: usize) -> Self {
        let mut site = Self::new(devices);
        site.connect();
        site.input(Input::MasterFile(offer(master_file(1))));
        site
    }

    pub fn now(&self) -> Now {
        let now = now(self.now_ms, self.sync);
        Now { utc: Utc(now.utc.0 + self.wall_ns), ..now }
    }

    pub fn connect(&mut self) {
        self.broker_up = true;
        self.control_site.connection += 1;
        let up = BrokerInput::Up {
            receive_maximum: self.receive_maximum,
            maximum_packet_size: self.maximum_packet_size,
        };
        self.input(Input::Broker(up));
    }

    pub fn disconnect(&mut self) {
        self.broker_up = false;
        self.control_site.connection += 1;
        self.input(Input::Broker(BrokerInput::Down("cable pulled".to_owned())));
    }

    /// Another agent in the place of the one that was stopped; what was under way is gone.
    pub fn start_again(&mut self, agent: Agent) {
        self.agent = agent;
        self.events.clear();
        self.drain();
        if self.broker_up {
            self.connect();
        }
    }

    pub fn input(&mut self, input: Input) {
        if let Input::MasterFile(offer) = &input
            && let Offered::Approved { file, .. } = &offer.offered
        {
            self.files.insert(offer.sha256, Arc::clone(file));
        }
        self.agent.handle(input, self.now());
        self.drain();
    }

    /// Runs for so many milliseconds.
    pub fn run(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        loop {
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let deadline = self.agent.next_deadline().map(|(at, _)| at.0.div_ceil(1_000_000));
            let Some(next) = [event, deadline].into_iter().flatten().min().filter(|at| *at <= end)
            else {
                break;
            };
            self.now_ms = self.now_ms.max(next);
            if event.is_some_and(|at| at <= self.now_ms) {
                let (_, event) = self.events.pop_first().expect("there is one");
                self.event(event);
            } else {
                self.input(Input::Deadline);
                let due = self.agent.next_deadline();
                assert!(
                    due.is_none_or(|(at, _)| at > self.now().mono),
                    "a deadline that was served is still due: {due:?} at {} ms",
                    self.now_ms
                );
            }
        }
        self.now_ms = end;
    }

    /// All records on disk, decoded, after checking their chain.
    pub fn records(&self) -> Vec<Record> {
        let mut chain = ChainCheck::after(head());
        let decoded = self.payloads.values().map(|payload| {
            let record = decode(payload).expect("a record");
            chain.follow(&record.common.identity, record.common.prev, payload).expect("follows");
            record
        });
        decoded.collect()
    }

    /// What alarms did: (unit, alarm, transition, milliseconds).
    pub fn alarms(&self) -> Vec<(String, String, String, u64)> {
        let change = |record: &Record| match &record.body {
            Body::Alarm(change) => Some((
                record.common.unit.clone().unwrap_or_default(),
                change.alarm.clone(),
                change.transition.to_string(),
                change.at.0 / 1_000_000,
            )),
            _ => None,
        };
        self.records().iter().filter_map(change).collect()
    }

    fn later(&mut self, ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now_ms + ms, self.next_event), event);
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Input(input) => self.input(input),
            Event::Commit(first, payloads) => {
                let sealed: Vec<(u64, Arc<[u8]>)> =
                    (first..).zip(payloads.into_iter().map(Arc::from)).collect();
                self.durable = sealed.last().expect("appends are not empty").0;
                self.payloads.extend(sealed.clone());
                self.input(Input::Durable(sealed));
            }
            Event::Deliver { topic, bytes, packet_id, connection } => {
                if connection != self.control_site.connection {
                    return;
                }
                self.control_site.take(&topic, &bytes);
                let answer = BrokerInput::Acknowledged { packet_id, reason: 0 };
                self.input(Input::Broker(answer));
                if let Some(receipt) = self.control_site.receipt(self.now().utc) {
                    self.input(Input::Receipt(receipt));
                }
            }
        }
    }

    fn drain(&mut self) {
        let mut outputs: VecDeque<Output> = VecDeque::new();
        while let Some(output) = self.agent.poll_output() {
            outputs.push_back(output);
        }
        for output in outputs {
            self.output(output);
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Request { device, request, read, timeout_ms, .. } => {
                self.requests.push((self.now_ms, device));
                let (after_ms, outcome) =
                    self.devices[usize::from(device.0)].answer(read, timeout_ms);
                let reply = Input::Reply { device, request, outcome };
                self.later(after_ms, Event::Input(reply));
            }
            Output::Append(append) => {
                let kinds = append.records.iter().map(|(kind, ..)| *kind).collect();
                self.appends.push((append.first_seq, append.urgent, kinds));
                let payloads = append.records.into_iter().map(|(.., payload)| payload).collect();
                self.later(self.commit_ms, Event::Commit(append.first_seq, payloads));
            }
            Output::Fetch { first, last, max_bytes } => {
                let mut bytes = 0;
                let fits = |(seq, one): &(&u64, &Arc<[u8]>)| {
                    bytes += one.len();
                    **seq == first || bytes <= max_bytes
                };
                let found: Vec<_> = self
                    .payloads
                    .range(first..=last)
                    .take_while(fits)
                    .map(|(_, one)| Arc::clone(one))
                    .collect();
                let through = first + found.len() as u64 - 1;
                let bundle = bundle::encode(&found);
                self.later(1, Event::Input(Input::Fetched { first, through, bundle }));
            }
            Output::Publish(message) => self.publish(message),
            Output::View(view) => self.views.push((self.now_ms, view)),
            Output::Metrics(text) => self.metrics = text,
            Output::Show(shown) => self.shown.push((self.now_ms, shown)),
            Output::Annunciate { annunciator, coils } => {
                self.lights.push((self.now_ms, annunciator, coils));
                let outcome = self.light_fails.clone().map_or(Ok(()), Err);
                self.later(5, Event::Input(Input::Annunciated { annunciator, outcome }));
            }
            Output::Notify(message) => {
                let outcome = self.mail_fails.clone().map_or(Ok(()), Err);
                self.later(5, Event::Input(Input::Notified { id: message.id, outcome }));
                self.mails.push((self.now_ms, message));
            }
            Output::Reconnect { why } => self.reconnects.push((self.now_ms, why)),
            Output::Prune { through } => self.pruned.push(through),
            Output::BeginJournal { why, .. } => self.begun.push(why),
            Output::KeepMasterFiles { files, .. } => self.kept = files,
            Output::FetchFormer { .. }
            | Output::KeepFormer { .. }
            | Output::KeepLost { .. }
            | Output::KeepFork { .. }
            | Output::KeepDone { .. } => {
                panic!("no journal was set aside")
            }
            Output::UaRead { .. }
            | Output::UaReconnect { .. }
            | Output::TrustCertificate { .. }
            | Output::KeepSite(_)
            | Output::KeepReceipt { .. }
            | Output::Stopped => {}
        }
    }

    fn publish(&mut self, message: Message) {
        assert!(self.broker_up, "nothing is handed to a broker that is away");
        let Message { topic, content, .. } = message;
        let bytes = match content {
            Content::Sealed(bytes) => bytes.to_vec(),
            Content::ToSeal { payload, .. } | Content::Plain(payload) => payload,
        };
        if let Some(size) = self.maximum_packet_size {
            assert!(bytes.len() + topic.len() + 10 <= size as usize, "{topic} is too large");
        }
        let seqs = ControlSite::seqs(&topic, &bytes);
        for seq in &seqs {
            assert!(*seq <= self.durable, "LAW-03: seq {seq} left before it was on disk");
        }
        self.published.push((self.now_ms, topic.clone(), seqs));
        self.next_packet = self.next_packet.checked_add(1).unwrap_or(1);
        let packet_id = self.next_packet;
        self.agent.handle(Input::Broker(BrokerInput::Sent(packet_id)), self.now());
        let connection = self.control_site.connection;
        self.later(self.ack_ms, Event::Deliver { topic, bytes, packet_id, connection });
        self.drain();
    }
}

fn now(ms: u64, sync: ClockSync) -> Now {
    let ns = ms * 1_000_000;
    let utc = Utc(EPOCH_NS + i64::try_from(ns).expect("virtual time is short"));
    Now { mono: Mono(ns), utc, clock: Clock { sync, error_bound_us: 0, offset_us: 0 } }
}
