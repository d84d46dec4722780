//! A site whose devices know the truth: two on lines of their own, and two on one bus, of which one never has a fault.
#![allow(unreachable_pub, missing_docs, reason = "a part of one test target")]

mod chance;
mod device;
mod neighbours;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::profile::{self, Profile};
use cellwatch_core::Agent;
use cellwatch_core::door::{
    DeviceId, DeviceSetup, Input, LineSetup, NoReply, Output, RequestId, Setup, UnitSetup,
};
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_record::{Record, decode, sha256};

use crate::harness;
use device::{Device, Fault, Truth};
use neighbours::Bus;

pub use verdict::Report;

pub const TEN_MINUTES_MS: u64 = 600_000;
/// The last minutes are without a new fault, so that every gap is over.
const CALM_MS: u64 = 60_000 + 120_000;
/// Two on lines of their own, one in trouble on the bus, and its untouched neighbour there.
const DEVICES: usize = 4;
const ON_THEIR_OWN: usize = 2;
const ON_THE_BUS: usize = 2;
const UNTOUCHED: usize = 3;
const TROUBLED: &str = "bx-2";
const QUIET_ONE: &str = "bx-3";

const TIMEOUT_MS: u64 = 900;
const LATE_MS: u64 = 600;
const BUS_GAP_MS: u64 = 5;
/// It has one block, so that it waits for nobody but its neighbour.
const UNTOUCHED_PERIOD_MS: u64 = 1_000;

const PROFILE: &str = r#"
[profile]
id = "simulated"
model = "simulated"
version = "1"
[modbus]
timeout_ms = 900
max_lateness_ms = 600
max_gap = 0
[[parameter]]
name = "BEAT"
table = "input"
address = 0
type = "u16"
unit = "1"
role = "heartbeat"
heartbeat_after_s = 5
[[parameter]]
name = "TEMP.PV"
table = "input"
address = 1
type = "i16"
scale = 0.01
unit = "°C"
range = [0.0, 60.0]
sentinels = [-32768]
frozen_after_s = 60
max_rate_per_s = 0.2
[[parameter]]
name = "WEIGHT"
table = "input"
address = 4
type = "u32"
unit = "g"
period_ms = 2000
torn_guard = true
[[parameter]]
name = "SERIAL"
table = "input"
address = 10
type = "text:2"
unit = "1"
period_ms = 60000
role = "serial"
[[parameter]]
name = "UPTIME"
table = "input"
address = 20
type = "u32"
unit = "1"
period_ms = 5000
role = "uptime"
"#;

/// The untouched device has the first two parameters only.
fn profiles() -> [Arc<Profile>; 2] {
    let parse = |text: &str| {
        let parsed = profile::parse("simulated.toml", text);
        Arc::new(parsed.unwrap_or_else(|problems| panic!("{problems}")))
    };
    let parts: Vec<&str> = PROFILE.split("[[parameter]]").take(3).collect();
    let short = parts.join("[[parameter]]").replace("id = \"simulated\"", "id = \"short\"");
    [parse(PROFILE), parse(&short)]
}

/// What stood behind an answer.
#[derive(Clone, Copy, Debug)]
pub struct Behind {
    truth: Truth,
    fault: Option<Fault>,
    /// How long the fault can have been seen, milliseconds.
    for_ms: u64,
    spiked: bool,
}

pub struct Site {
    agent: Agent,
    now_ms: u64,
    devices: Vec<Device>,
    open: Vec<Option<RequestId>>,
    /// When the open poll of the device began: its first read.
    events: BTreeMap<(u64, u64), (usize, Input, bool)>,
    next_event: u64,
    payloads: Vec<Vec<u8>>,
    /// What stood behind the answer that came at this millisecond.
    behind: BTreeMap<(usize, u64), Behind>,
    asked: u64,
    faults: BTreeMap<Fault, u64>,
    last_fault_ms: u64,
    bus: Bus,
}

fn now(ms: u64) -> Now {
    let utc = Utc(harness::EPOCH_NS + i64::try_from(ms * 1_000_000).expect("short"));
    let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    Now { mono: Mono(ms * 1_000_000), utc, clock }
}

fn setup(profiles: &[Arc<Profile>; 2]) -> Setup {
    let device = |index: usize| DeviceSetup {
        id: format!("bx-{index}"),
        line: index.min(ON_THE_BUS),
        modbus_unit: u8::try_from(index).expect("few") + 1,
        opcua: None,
        profile: Arc::clone(&profiles[usize::from(index == UNTOUCHED)]),
    };
    let own = (0..ON_THEIR_OWN).map(|index| LineSetup::own(format!("bx-{index}")));
    let bus = LineSetup { id: "bus".to_owned(), gap_ms: BUS_GAP_MS, without_ids: true };
    let unit = |index| UnitSetup {
        id: format!("BX-{index}"),
        name: "bag".to_owned(),
        devices: vec![index],
    };
    Setup {
        site: "barcelona-1".to_owned(),
        agent: "agent-1".to_owned(),
        version: "0.0.0".to_owned(),
        frame_ms: 5_000,
        lines: own.chain([bus]).collect(),
        devices: (0..DEVICES).map(device).collect(),
        units: (0..DEVICES).map(unit).collect(),
        ..Setup::default()
    }
}

impl Site {
    /// Runs a site from a seed and judges its records.
    pub fn run(seed: u64, length_ms: u64) -> Result<Report, String> {
        let profiles = profiles();
        let start_ms = 1_000;
        let mut site = Self {
            agent: Agent::new(setup(&profiles), harness::start(), now(start_ms)),
            now_ms: start_ms,
            devices: (0..DEVICES).map(|index| Device::new(seed, index)).collect(),
            open: vec![None; DEVICES],
            events: BTreeMap::new(),
            next_event: 0,
            payloads: Vec::new(),
            behind: BTreeMap::new(),
            asked: 0,
            faults: BTreeMap::new(),
            last_fault_ms: length_ms - CALM_MS,
            bus: Bus::default(),
        };
        let mut file = harness::master_file(1);
        let listed = file.equipment[0].clone();
        file.equipment = profiles
            .iter()
            .map(|profile| {
                let mut one = listed.clone();
                one.profile.clone_from(&profile.id);
                one.profile_sha256 = profile.sha256;
                one
            })
            .collect();
        file.equipment[0].serials = vec!["AB-1".to_owned()];
        site.input(Input::Clock(now(0).clock))?;
        site.input(Input::MasterFile(harness::offer(file)))?;
        while site.now_ms < length_ms {
            site.step()?;
        }
        site.input(Input::Stop)?;
        let records: Vec<Record> =
            site.payloads.iter().map(|payload| decode(payload).expect("a record")).collect();
        let mut report = verdict::judge(&records, &site.behind, length_ms)?;
        verdict::all_is_well_again(&records, &profiles, length_ms)?;
        report.shared = neighbours::judge(&records, &site.bus, length_ms)?;
        report.asked = site.asked;
        report.faults = site.faults;
        report.digest = sha256(&site.payloads.concat()).0;
        Ok(report)
    }

    fn step(&mut self) -> Result<(), String> {
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        let deadline = self.agent.next_deadline().map(|(at, _)| at.0.div_ceil(1_000_000));
        let next = event.into_iter().chain(deadline).min().expect("something is always due");
        self.now_ms = self.now_ms.max(next);
        for device in &mut self.devices {
            if let Some(fault) = device.live(self.now_ms, self.last_fault_ms) {
                *self.faults.entry(fault).or_default() += 1;
            }
        }
        if event.is_none_or(|at| at > self.now_ms) {
            return self.input(Input::Deadline);
        }
        let (_, (device, input, is_answer)) = self.events.pop_first().expect("there is one");
        if is_answer {
            self.open[device] = None;
        }
        self.input(input)
    }

    fn input(&mut self, input: Input) -> Result<(), String> {
        self.agent.handle(input, now(self.now_ms));
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Request { device, request, read, timeout_ms, .. } => {
                    let index = usize::from(device.0);
                    let before = self.open[index].replace(request);
                    if before.is_some() {
                        return Err(format!("two requests are open at device {index}"));
                    }
                    self.asked += 1;
                    self.ask(index, request, read, timeout_ms);
                }
                Output::Append(append) => {
                    self.payloads.extend(append.records.into_iter().map(|(.., payload)| payload));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        index: usize,
        request: RequestId,
        read: cellwatch_core::door::Read,
        timeout_ms: u64,
    ) {
        let device = &mut self.devices[index];
        let answer = device.answer(read, timeout_ms, self.now_ms);
        let behind = Behind {
            truth: device.truth(self.now_ms),
            fault: device.fault,
            for_ms: self.now_ms - device.seen_from_ms,
            spiked: answer.spiked,
        };
        let fault = device.fault;
        match index {
            UNTOUCHED => self.bus.untouched.push(self.now_ms),
            ON_THE_BUS => {
                let failed = matches!(answer.outcome, Err(NoReply::Timeout | NoReply::Wrong(_)));
                self.bus.troubled.push((self.now_ms, failed));
            }
            _ => {}
        }
        let id = DeviceId(u16::try_from(index).expect("few"));
        let reply = |request, outcome| Input::Reply { device: id, request, outcome };
        let at_ms = self.now_ms + answer.after_ms;
        if fault == Some(Fault::Stray) {
            // The answer to the request before comes late, with other numbers.
            let other = RequestId(request.0.saturating_sub(1));
            let words = vec![0x0bad; usize::from(read.count)];
            self.later(at_ms - 1, index, reply(other, Ok(words)), false);
        }
        self.behind.insert((index, at_ms), behind);
        self.later(at_ms, index, reply(request, answer.outcome.clone()), true);
        if fault == Some(Fault::Twice) {
            self.later(at_ms + 1, index, reply(request, answer.outcome), false);
        }
    }

    fn later(&mut self, at_ms: u64, device: usize, input: Input, is_answer: bool) {
        self.next_event += 1;
        self.events.insert((at_ms, self.next_event), (device, input, is_answer));
    }
}
