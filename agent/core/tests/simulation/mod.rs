//! A site whose devices know the truth.
#![allow(unreachable_pub, missing_docs, reason = "a part of one test target")]

mod chance;
mod device;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::profile::{self, Profile};
use cellwatch_core::Agent;
use cellwatch_core::door::{
    DeviceId, DeviceSetup, Input, LineSetup, Output, RequestId, Setup, UnitSetup,
};
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_record::{Record, decode, sha256};

use crate::harness;
use device::{Device, Fault, Truth};

pub use verdict::Report;

pub const TEN_MINUTES_MS: u64 = 600_000;
/// The last minutes are without a new fault, so that every gap is over.
const CALM_MS: u64 = 60_000 + 120_000;
const DEVICES: usize = 2;

const PROFILE: &str = r#"
[profile]
id = "simulated"
model = "simulated"
version = "1"
[modbus]
timeout_ms = 900
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

/// What stood behind an answer.
#[derive(Clone, Copy, Debug)]
pub struct Behind {
    truth: Truth,
    fault: Option<Fault>,
    /// How long the fault has lasted, milliseconds.
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
}

fn now(ms: u64) -> Now {
    let utc = Utc(harness::EPOCH_NS + i64::try_from(ms * 1_000_000).expect("short"));
    let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    Now { mono: Mono(ms * 1_000_000), utc, clock }
}

fn setup(profile: &Arc<Profile>) -> Setup {
    let device = |index| DeviceSetup {
        id: format!("bx-{index}"),
        line: index,
        modbus_unit: 1,
        opcua: None,
        profile: Arc::clone(profile),
    };
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
        lines: (0..DEVICES).map(|index| LineSetup::own(format!("bx-{index}"))).collect(),
        devices: (0..DEVICES).map(device).collect(),
        units: (0..DEVICES).map(unit).collect(),
        ..Setup::default()
    }
}

impl Site {
    /// Runs a site from a seed and judges its records.
    pub fn run(seed: u64, length_ms: u64) -> Result<Report, String> {
        let profile = profile::parse("simulated.toml", PROFILE);
        let profile = Arc::new(profile.unwrap_or_else(|problems| panic!("{problems}")));
        let start_ms = 1_000;
        let mut site = Self {
            agent: Agent::new(setup(&profile), harness::start(), now(start_ms)),
            now_ms: start_ms,
            devices: (0..DEVICES as u64).map(|index| Device::new(seed * 1_000 + index)).collect(),
            open: vec![None; DEVICES],
            events: BTreeMap::new(),
            next_event: 0,
            payloads: Vec::new(),
            behind: BTreeMap::new(),
            asked: 0,
            faults: BTreeMap::new(),
            last_fault_ms: length_ms - CALM_MS,
        };
        let mut file = harness::master_file(1);
        file.equipment[0].profile.clone_from(&profile.id);
        file.equipment[0].profile_sha256 = profile.sha256;
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
            for_ms: self.now_ms - device.from_ms,
            spiked: answer.spiked,
        };
        let fault = device.fault;
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
