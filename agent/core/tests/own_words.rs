//! What devices say of themselves, from registers to records.
//! Req: LAW-02, LAW-08
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for what it looks for")]

mod harness;

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::profile;
use cellwatch_core::Agent;
use cellwatch_core::door::{DeviceSetup, Input, LineSetup, Output, Setup, UnitSetup};
use cellwatch_model::{
    AlarmTransition, Cause, Clock, ClockSync, LimitKind, Mono, Now, Quality, Utc,
};
use cellwatch_record::{Body, EventKind, Record, decode};

const PROFILE: &str = r#"
[profile]
id = "talker"
model = "talker"
version = "1"
[[parameter]]
name = "TEMP.PV"
table = "input"
address = 0
type = "i16"
scale = 0.01
unit = "°C"
[[parameter]]
name = "SERIAL"
table = "input"
address = 10
type = "text:2"
unit = "1"
period_ms = 10000
role = "serial"
[[parameter]]
name = "UPTIME"
table = "input"
address = 20
type = "u16"
unit = "1"
role = "uptime"
[[parameter]]
name = "CLOCK"
table = "input"
address = 30
type = "u32"
unit = "1"
role = "clock"
[[parameter]]
name = "TEMP.SP"
table = "holding"
address = 0
type = "i16"
scale = 0.01
unit = "°C"
role = "set-point"
of = "TEMP.PV"
[[parameter]]
name = "TEMP.HH.DEVICE"
table = "holding"
address = 1
type = "i16"
scale = 0.1
decimals = 1
unit = "°C"
role = "limit"
of = "TEMP.HH"
"#;

struct Site {
    agent: Agent,
    now_ms: u64,
    /// By how much the device's clock is ahead.
    clock_ahead_s: i64,
    registers: BTreeMap<u16, u16>,
    holding: BTreeMap<u16, u16>,
    payloads: Vec<Vec<u8>>,
}

fn now(ms: u64) -> Now {
    let utc = Utc(harness::EPOCH_NS + i64::try_from(ms * 1_000_000).expect("short"));
    let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    Now { mono: Mono(ms * 1_000_000), utc, clock }
}

impl Site {
    fn new() -> Self {
        let profile = profile::parse("talker.toml", PROFILE);
        let profile = Arc::new(profile.unwrap_or_else(|problems| panic!("{problems}")));
        let device = DeviceSetup {
            id: "bx-0".to_owned(),
            line: 0,
            modbus_unit: 1,
            opcua: None,
            profile: Arc::clone(&profile),
        };
        let unit = UnitSetup { id: "BX-0".to_owned(), name: "bag".to_owned(), devices: vec![0] };
        let setup = Setup {
            site: "barcelona-1".to_owned(),
            agent: "agent-1".to_owned(),
            version: "0.0.0".to_owned(),
            frame_ms: 5_000,
            lines: vec![LineSetup::own("bx-0")],
            devices: vec![device],
            units: vec![unit],
            ..Setup::default()
        };
        let mut site = Self {
            agent: Agent::new(setup, harness::start(), now(1_000)),
            now_ms: 1_000,
            clock_ahead_s: 0,
            registers: BTreeMap::from([(0, 3_700), (10, 0x4142), (11, 0x2d31), (20, 500)]),
            holding: BTreeMap::from([(0, 3_700), (1, 380)]),
            payloads: Vec::new(),
        };
        let mut file = harness::master_file(1);
        file.equipment[0].profile.clone_from(&profile.id);
        file.equipment[0].profile_sha256 = profile.sha256;
        file.equipment[0].serials = vec!["AB-1".to_owned()];
        file.parameters[0].set_point = Some(37.0);
        site.input(Input::Clock(now(0).clock));
        site.input(Input::MasterFile(harness::offer(file)));
        site
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(input, now(self.now_ms));
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Request { device, request, read, .. } => {
                    self.tick();
                    let table = if read.table == cellwatch_config::profile::Table::Holding {
                        &self.holding
                    } else {
                        &self.registers
                    };
                    let addresses = read.address..read.address + read.count;
                    let words = addresses.map(|at| table.get(&at).copied().unwrap_or(0)).collect();
                    self.now_ms += 1;
                    self.input(Input::Reply { device, request, outcome: Ok(words) });
                }
                Output::Append(append) => {
                    self.payloads.extend(append.records.into_iter().map(|(.., payload)| payload));
                }
                _ => {}
            }
        }
    }

    fn tick(&mut self) {
        // To the nearest second.
        let s = (now(self.now_ms).utc.0 + 500_000_000) / 1_000_000_000 + self.clock_ahead_s;
        let [one, two, three, four] = u32::try_from(s).expect("before 2106").to_be_bytes();
        self.registers.insert(30, u16::from_be_bytes([one, two]));
        self.registers.insert(31, u16::from_be_bytes([three, four]));
    }

    fn run(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while let Some((due, _)) = self.agent.next_deadline() {
            let due_ms = due.0.div_ceil(1_000_000);
            if due_ms > end {
                break;
            }
            self.now_ms = self.now_ms.max(due_ms);
            self.input(Input::Deadline);
        }
        self.now_ms = end;
    }

    fn records(&self) -> Vec<Record> {
        self.payloads.iter().map(|payload| decode(payload).expect("a record")).collect()
    }

    /// Changes of alarms on the device, in words.
    fn alarms(&self) -> Vec<String> {
        let records = self.records();
        let words = records.iter().filter_map(|record| match &record.body {
            Body::Alarm(change) if change.kind == LimitKind::Instrument => {
                Some(format!("{} {}", change.alarm, change.transition))
            }
            _ => None,
        });
        words.collect()
    }
}

#[test]
fn another_device_is_recorded_marked_and_alarmed() {
    let mut site = Site::new();
    site.run(30_000);
    assert_eq!(site.alarms(), Vec::<String>::new(), "the right device is no news");
    site.registers.insert(11, 0x2d32);
    site.run(40_000);
    assert_eq!(site.alarms(), ["bx-0.IDENTITY raised"]);
    let records = site.records();
    let note = records.iter().find_map(|record| match &record.body {
        Body::Alarm(change) if change.alarm == "bx-0.IDENTITY" => change.comment.clone(),
        _ => None,
    });
    assert_eq!(note.as_deref(), Some("it says AB-2; the Master File names AB-1"));
    let marked = records.iter().flat_map(|record| match &record.body {
        Body::Telemetry(frame) => frame.columns[0].samples.clone(),
        _ => Vec::new(),
    });
    let marked = marked.filter(|one| one.quality == Quality::Uncertain(Cause::WrongDevice));
    assert!(marked.clone().count() > 20 && marked.into_iter().all(|one| one.value.is_some()));
    site.registers.insert(11, 0x2d31);
    site.run(40_000);
    assert_eq!(site.alarms(), ["bx-0.IDENTITY raised", "bx-0.IDENTITY returned"]);
}

/// Req: LAW-12
#[test]
fn a_clock_of_its_own_that_is_off_is_alarmed() {
    let mut site = Site::new();
    let cases = [
        (0, ""),
        (9, ""),
        (3_600, "AGENT.DEVICE-CLOCK raised (bx-0 is 3600 s ahead)"),
        (-8, ""),
        (-3, "AGENT.DEVICE-CLOCK returned"),
        (-12, "AGENT.DEVICE-CLOCK raised (bx-0 is 12 s behind)"),
        (0, "AGENT.DEVICE-CLOCK returned"),
    ];
    for (ahead_s, expected) in cases {
        let before = site.records().len();
        site.clock_ahead_s = ahead_s;
        // What was said before the change counts in the first look after it.
        site.run(61_000);
        let said: Vec<String> = site.records()[before..]
            .iter()
            .filter_map(|record| match &record.body {
                Body::Alarm(change) if change.alarm == "AGENT.DEVICE-CLOCK" => {
                    let raised = change.transition == AlarmTransition::Raised;
                    let note = change.comment.as_ref().filter(|_| raised);
                    let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
                    Some(format!("{} {}{note}", change.alarm, change.transition))
                }
                _ => None,
            })
            .collect();
        assert_eq!(said.join(", "), expected, "{ahead_s} s ahead");
    }
    println!("clocks of devices: {} cases", cases.len());
}

#[test]
fn set_points_and_limits_of_its_own_are_compared_with_the_master_file() {
    let mut site = Site::new();
    site.run(40_000);
    site.holding.insert(0, 3_650);
    site.run(40_000);
    assert_eq!(site.alarms(), ["TEMP.SP.DIFFERS raised"]);
    site.holding.insert(1, 400);
    site.run(40_000);
    site.holding.insert(0, 3_700);
    site.run(10_000);
    site.holding.insert(1, 380);
    site.run(10_000);
    let expected = [
        "TEMP.SP.DIFFERS raised",
        "TEMP.HH.DEVICE.DIFFERS raised",
        "TEMP.SP.DIFFERS returned",
        "TEMP.HH.DEVICE.DIFFERS returned",
    ];
    assert_eq!(site.alarms(), expected);
    let notes = site.records().into_iter().filter_map(|record| match record.body {
        Body::Alarm(change) => change.comment,
        _ => None,
    });
    assert!(notes.into_iter().any(|note| note == "36.5 on the device, 37 in the Master File"));
}

#[test]
fn a_silent_restart_is_on_record() {
    let mut site = Site::new();
    for second in 0..60u16 {
        site.registers.insert(20, if second < 30 { 500 + second } else { second - 30 });
        site.run(1_000);
    }
    let restarts: Vec<String> = site
        .records()
        .into_iter()
        .filter_map(|record| match record.body {
            Body::Event(event)
                if event.kind == EventKind::Link && event.details.contains_key("uptime") =>
            {
                Some(event.text)
            }
            _ => None,
        })
        .collect();
    assert_eq!(restarts.len(), 1, "{restarts:?}");
    assert!(restarts[0].contains("device bx-0 started again"), "{restarts:?}");
    assert_eq!(site.alarms(), Vec::<String>::new());
}

#[test]
fn health_tells_how_punctual_polls_are() {
    let mut site = Site::new();
    site.run(65_000);
    let records = site.records();
    let mut healths = records.iter().filter_map(|record| match &record.body {
        Body::Health(health) => Some(&health.figures),
        _ => None,
    });
    let last = healths.next_back().expect("every half minute");
    for what in ["jitter", "round_trip"] {
        for figure in ["p50_us", "p99_us", "max_us"] {
            assert!(last.contains_key(&format!("bx-0.{what}_{figure}")), "{last:?}");
        }
    }
    for figure in ["polls", "replies", "timeouts", "errors", "skipped", "rereads", "strays"] {
        assert!(last.contains_key(&format!("bx-0.{figure}")), "{last:?}");
    }
}
