//! The shipped core between the shipped adapters and the devices of a cell.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cellwatch_core::Agent;
use cellwatch_core::door::{
    DeviceId, Input, MasterFileOffer, Offered, Output, Read, RequestId, Setup, Start, UaInput,
    UnitSetup,
};
use cellwatch_daemon::modbus::{Ask, Outcome, start};
use cellwatch_daemon::opcua;
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_reactor::live::Live;
use cellwatch_record::{Hash, Head, JournalId, Person, SavedSite, decode};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::profiles::{PUBLISHING_MS, master_file};
use super::seen::Seen;
use super::standstill::Standstills;
use super::truth::{last_ticks, wrong};
use super::wiring::{Way, Wired};

/// 2026-01-01T00:00:00Z.
const EPOCH_NS: i64 = 1_767_225_600_000_000_000;
/// Records are looked at this often at least.
const LOOK: Duration = Duration::from_millis(100);

/// What an adapter tells.
enum Told {
    Modbus(DeviceId, RequestId, Outcome),
    OpcUa(UaInput),
}

struct Open {
    device: usize,
    read: Read,
    /// Last number in the device's log when it was asked.
    before: u64,
}

/// A site of two or three devices.
pub(crate) struct Plant {
    pub(crate) lives: Vec<Arc<Live>>,
    pub(crate) seen: Seen,
    /// What was credited to a request that it does not answer.
    pub(crate) wrong: Vec<String>,
    /// Requests to each device.
    pub(crate) asked: Vec<u64>,
    /// When this machine kept the agent waiting.
    pub(crate) standstills: Standstills,
    /// So long what was read before a fault may wait for what was published before it, milliseconds.
    pub(crate) held_ms: u64,
    agent: Agent,
    began: Instant,
    lines: Vec<mpsc::Sender<Ask>>,
    session: Option<mpsc::Sender<opcua::Ask>>,
    /// The open read over OPC UA, and the last server time that was shown when it was asked.
    open_read: Option<(RequestId, Option<i64>)>,
    replies: mpsc::Receiver<Told>,
    open: BTreeMap<RequestId, Open>,
    inputs: VecDeque<Input>,
    _wired: Wired,
}

impl Plant {
    /// Starts devices and agent.
    pub(crate) async fn start(way: Way, seed: u64) -> Self {
        let wired = Wired::new(way, seed).await;
        let (reply, replies) = mpsc::channel(64);
        let lines = wired.lines.iter().enumerate().map(|(index, (_, line))| {
            let reply = reply.clone();
            let on_it = wired.devices.iter().filter(|device| device.line == index);
            let rules = on_it.map(|device| &device.profile.modbus);
            start(line.clone(), rules, move |device, request, outcome| {
                let reply = reply.clone();
                // Nobody listens any more at the end.
                async move { drop(reply.send(Told::Modbus(device, request, outcome)).await) }
            })
        });
        let unit = |device| UnitSetup {
            id: format!("U-{device}"),
            name: "unit".to_owned(),
            devices: vec![device],
        };
        let setup = Setup {
            site: "bench".to_owned(),
            agent: "agent-1".to_owned(),
            version: "0.0.0".to_owned(),
            frame_ms: 250,
            lines: wired.lines.iter().map(|(setup, _)| setup.clone()).collect(),
            devices: wired.devices.clone(),
            units: (0..wired.devices.len()).map(unit).collect(),
            ..Setup::default()
        };
        let first = Start {
            head: Head { journal: JournalId([7; 16]), seq: 0, hash: Hash::NONE },
            new_journal: true,
            previous: None,
            former: Vec::new(),
            boot: 1,
            receipt_through: 0,
            master_file_version: 0,
            history: Vec::new(),
            hashes: Vec::new(),
            site: SavedSite::default(),
            same_machine_boot: true,
        };
        let began = Instant::now();
        let lines = lines.collect();
        let session = wired.session.clone().map(|settings| {
            let reply = reply.clone();
            opcua::start(settings, move |what| {
                let reply = reply.clone();
                async move { drop(reply.send(Told::OpcUa(what)).await) }
            })
        });
        let mut plant = Self {
            lives: wired.lives.clone(),
            seen: Seen::default(),
            wrong: Vec::new(),
            asked: vec![0; wired.devices.len()],
            standstills: Standstills::default(),
            held_ms: if way == Way::OpcUa { PUBLISHING_MS + 1_000 } else { 0 },
            agent: Agent::new(setup, first, at(began)),
            began,
            lines,
            session,
            open_read: None,
            replies,
            open: BTreeMap::new(),
            inputs: VecDeque::new(),
            _wired: wired,
        };
        let file = master_file(&plant._wired.profiles);
        let person = |role: &str| Person { name: role.to_owned(), role: role.to_owned() };
        plant.input(Input::Clock(clock()));
        plant.input(Input::MasterFile(MasterFileOffer {
            origin: "test".to_owned(),
            sha256: Hash([1; 32]),
            offered: Offered::Approved {
                file: Arc::new(file),
                approvers: vec![person("QA"), person("QP")],
            },
            accepted_before: false,
        }));
        plant
    }

    /// The agent's time, milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        at(self.began).mono.0 / 1_000_000
    }

    /// Reads that a device has understood.
    pub(crate) fn served(&self, device: usize) -> u64 {
        self.lives[device].with(|reactor| reactor.log.last())
    }

    /// Requests of a device that have no outcome yet.
    pub(crate) fn open(&self, device: usize) -> u64 {
        self.open.values().filter(|open| open.device == device).count() as u64
    }

    /// Waits for a reply or a deadline, whichever comes first.
    pub(crate) async fn step(&mut self) {
        let due = self.agent.next_deadline().map_or(u64::MAX, |(due, _)| due.0);
        let due = self.began + Duration::from_nanos(due.min(u64::from(u32::MAX) * 1_000));
        let due = due.min(Instant::now() + LOOK);
        let told = tokio::time::timeout_at(due, self.replies.recv()).await;
        let due_ms = due.saturating_duration_since(self.began).as_millis();
        self.standstills.ran(u64::try_from(due_ms).unwrap_or(0), self.now_ms());
        match told {
            Ok(Some(Told::Modbus(device, request, outcome))) => {
                self.check(request, &outcome);
                self.input(Input::Reply { device, request, outcome });
            }
            Ok(Some(Told::OpcUa(what))) => {
                self.check_opcua(&what);
                self.input(Input::OpcUa { device: DeviceId(0), what });
            }
            Ok(None) => unreachable!("the lines live as long as the plant"),
            Err(_) => self.input(Input::Deadline),
        }
    }

    /// Ends the agent, which then says what is still open.
    pub(crate) fn stop(&mut self) {
        self.input(Input::Stop);
    }

    /// What is credited to a request is what the device held when it served this very request.
    fn check(&mut self, request: RequestId, outcome: &Outcome) {
        let Some(open) = self.open.remove(&request) else {
            return self.wrong.push(format!("{request:?} has a second outcome: {outcome:?}"));
        };
        let Ok(words) = outcome else { return };
        let Open { device, read, before } = open;
        let served = self.lives[device].with(|reactor| {
            reactor.log.after(before).any(|served| {
                let Some(skip) = read.address.checked_sub(served.address) else { return false };
                let own = served.words.iter().skip(usize::from(skip));
                let own: Vec<u16> = own.take(usize::from(read.count)).copied().collect();
                served.table == read.table && own == *words
            })
        });
        if !served {
            self.wrong.push(format!("{read:?} got {words:x?}, which the device did not hold then"));
        }
    }

    /// What the server says is what the device showed; a read shows nothing from before its question.
    fn check_opcua(&mut self, what: &UaInput) {
        let live = &self.lives[0];
        match what {
            UaInput::Read { request, outcome } => {
                let open = self.open_read.take_if(|(open, _)| open == request);
                let Some((_, asked_ticks)) = open else {
                    return self.wrong.push(format!("{request:?} has a second outcome"));
                };
                if let Ok(samples) = outcome {
                    self.wrong.extend(wrong(live, samples, asked_ticks));
                }
            }
            UaInput::Published { samples, .. } => self.wrong.extend(wrong(live, samples, None)),
            UaInput::Up { .. }
            | UaInput::Down(_)
            | UaInput::Subscribed { .. }
            | UaInput::Missing { .. }
            | UaInput::Untrusted { .. } => {}
        }
    }

    fn input(&mut self, input: Input) {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            self.agent.handle(input, at(self.began));
            while let Some(output) = self.agent.poll_output() {
                self.output(output);
            }
        }
    }

    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "there is no broker, no page and no state here"
    )]
    fn output(&mut self, output: Output) {
        match output {
            Output::Request {
                line,
                device,
                request,
                read,
                instead,
                timeout_ms,
                max_lateness_ms,
            } => {
                let index = usize::from(device.0);
                self.asked[index] += 1;
                let before = self.served(index);
                self.open.insert(request, Open { device: index, read, before });
                let ask = Ask { device, request, read, instead, timeout_ms, max_lateness_ms };
                self.lines[line].try_send(ask).expect("one request is open at a time");
            }
            Output::UaRead { request, timeout_ms, .. } => {
                self.asked[0] += 1;
                self.open_read = Some((request, last_ticks(&self.lives[0])));
                let session = self.session.as_ref().expect("the device is on OPC UA");
                session.try_send(opcua::Ask::Read { request, timeout_ms }).expect("one is open");
            }
            Output::UaReconnect { why, .. } => {
                let session = self.session.as_ref().expect("the device is on OPC UA");
                session.try_send(opcua::Ask::Reconnect { why }).expect("it takes what is asked");
            }
            Output::Append(append) => {
                let mut durable = Vec::new();
                for (seq, (.., payload)) in (append.first_seq..).zip(append.records) {
                    self.seen.record(&decode(&payload).expect("a record"));
                    durable.push((seq, Arc::from(payload)));
                }
                self.inputs.push_back(Input::Durable(durable));
            }
            _ => {}
        }
    }
}

fn clock() -> Clock {
    Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 }
}

fn at(began: Instant) -> Now {
    let ns = u64::try_from(began.elapsed().as_nanos()).expect("a test is short");
    let utc = Utc(EPOCH_NS.saturating_add_unsigned(ns));
    Now { mono: Mono(ns), utc, clock: clock() }
}
