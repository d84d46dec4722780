//! Same records, same verdict: everything on disk judged again gives the same alarm bodies, byte for byte.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::door::{Asked, DiskState, Input, Setup, UnitSetup};
use cellwatch_core::evaluate::{NewResult, Request, Role};
use cellwatch_core::replay::{Difference, Judgement, Replay, ReplayError};
use cellwatch_model::UnitOfMeasure;
use cellwatch_record::{Body, Deviation, Record};
use harness::{Behaviour, Site, master_file, master_file_with, offer, person, setup};

const SEEDS: u64 = 24;
const STEPS: usize = 60;

const MORE: &str = r#"
[[parameter]]
name = "PRESS.BAG"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."
set_point = 100.0

[[parameter]]
name = "PRESS.BAG_2"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."

[[parameter]]
name = "GLUCOSE"
entry = "manual"
unit = "mM"
range = [0.0, 60.0]
stale_after_s = 600.0
instrument_response = "Measure the glucose."

[[alarm]]
id = "PRESS.DEV"
parameter = "PRESS.BAG"
kind = "deviation"
limit = 30.0
deadband = 5.0
on_delay_s = 3.0
priority = "medium"
class = "equipment"
cause = "filter"
consequence = "bag bursts"
response = "Open the vent."
time_to_respond_s = 60

[[alarm]]
id = "PRESS.PAIR"
parameter = "PRESS.BAG"
kind = "deviation"
reference = "PRESS.BAG_2"
limit = 40.0
priority = "medium"
class = "equipment"
suppressed_by = ["TEMP.HH"]
cause = "filter"
consequence = "bag bursts"
response = "Open the vent."
time_to_respond_s = 60

[[alarm]]
id = "TEMP.RATE"
parameter = "TEMP.PV"
kind = "rate"
limit = 0.5
window_s = 30.0
priority = "low"
class = "equipment"
cause = "heater"
consequence = "stress"
response = "Look at the heater."
time_to_respond_s = 600

[[alarm]]
id = "GLUCOSE.L"
parameter = "GLUCOSE"
kind = "L"
limit = 5.0
priority = "medium"
class = "product-quality"
cause = "feed"
consequence = "growth slows"
response = "Raise the feed."
time_to_respond_s = 3600

[[deviation]]
id = "DEV.ACTION"
when = "action-limit"
parameter = "TEMP.PV"
after_s = 20.0
description = "Too warm."

[[deviation]]
id = "DEV.LATE"
when = "late-acknowledgement"
alarm = "TEMP.HH"
description = "Nobody answered."

[[deviation]]
id = "DEV.GAP"
when = "data-gap"
after_s = 30.0
description = "Nothing is known."
"#;

fn file(version: u64) -> MasterFile {
    let mut file = master_file_with(version, MORE);
    file.phases[0].min_duration_ms = Some(60_000);
    file.phases[0].max_duration_ms = Some(180_000);
    for alarm in &mut file.alarms {
        alarm.latching = alarm.id == "TEMP.HH";
        alarm.shelve_max_ms = Some(120_000);
        alarm.re_alarm_ms = Some(90_000);
        alarm.comment_required = false;
    }
    file
}

/// Two units of two devices each: their replies may come in one millisecond.
fn two_devices_each() -> Setup {
    let mut setup = setup(4);
    for device in [1, 3] {
        let mut profile = cellwatch_config::profile::Profile::clone(&setup.devices[device].profile);
        for parameter in &mut profile.parameters {
            parameter.role = cellwatch_config::profile::Role::Process;
            parameter.name.push_str("_2");
        }
        setup.devices[device].profile = std::sync::Arc::new(profile);
    }
    setup.units = [0, 1]
        .map(|unit| UnitSetup {
            id: format!("BX-{unit}"),
            name: "pair".to_owned(),
            devices: vec![2 * unit, 2 * unit + 1],
        })
        .into();
    setup
}

/// Numbers from a seed (xorshift64): the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// One step of a random run.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn step(site: &mut Site, dice: &mut Dice, version: &mut u64) {
    let device = dice.below(4) as usize;
    let unit = format!("BX-{}", dice.below(2));
    let role = Role::ALL[dice.below(5) as usize];
    let who = person(role, dice.below(2) as u8);
    match dice.below(16) {
        0..=3 => site.devices[device].temperature(36.0 + dice.below(30) as f64 / 10.0),
        4 => {
            site.devices[device].registers.insert(1, 60 + dice.below(90) as u16);
        }
        5 => site.devices[device].phase(dice.below(4) as u16),
        6 => site.devices[device].behaviour = Behaviour::Silent,
        7..=8 => site.devices[device].behaviour = Behaviour::Answers(1 + dice.below(7)),
        9..=11 => {
            let alarms =
                ["TEMP.HH", "TEMP.H", "TEMP.RATE", "PRESS.DEV", "PHASE.ORDER", "bx-0.LINK"];
            let alarm = alarms[dice.below(6) as usize].to_owned();
            let shelve =
                Request::Shelve { one_shot: dice.below(2) == 0, for_ms: 1 + dice.below(90_000) };
            let requests = [
                Request::Acknowledge,
                Request::Acknowledge,
                Request::Reset,
                shelve,
                Request::Unshelve,
                Request::TakeOutOfService,
                Request::ReturnToService,
            ];
            let request = requests[dice.below(7) as usize];
            let unit = Some(unit);
            site.ask(&who, Asked::OfAlarm { unit, alarm, request }, "looked at it");
        }
        12 => {
            let result = NewResult {
                parameter: "GLUCOSE".to_owned(),
                value: dice.below(10) as f64,
                unit: UnitOfMeasure::MillimolePerLitre,
                sampled: None,
            };
            site.ask(&who, Asked::EnterResult { unit, result }, "");
        }
        13 => {
            let free_bytes = (1 + dice.below(3)) << 29;
            site.input(Input::Disk(DiskState { free_bytes, full_in_s: None }));
            let request = Request::Acknowledge;
            let alarm = "AGENT.DISK".to_owned();
            site.ask(&who, Asked::OfAlarm { unit: None, alarm, request }, "seen");
        }
        14 => {
            *version += 1;
            let mut next = file(*version);
            next.alarms[0].limit += dice.below(5) as f64 / 10.0;
            if dice.below(3) == 0 {
                next.alarms.retain(|alarm| alarm.id != "PRESS.DEV");
            }
            site.input(Input::MasterFile(offer(next)));
        }
        _ => {
            let last = site.files.values().map(|file| file.version).max();
            let last = last.unwrap_or_default();
            let found = site.files.values().find(|file| file.version == last).cloned();
            site.restart(dice.below(2) == 0, MasterFile::clone(&found.expect("was offered")));
        }
    }
    site.run(1 + dice.below(40_000));
}

fn random(seed: u64) -> Site {
    let mut site = Site::of(two_devices_each());
    site.connect();
    let mut version = 2;
    site.input(Input::MasterFile(offer(file(version))));
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..STEPS {
        step(&mut site, &mut dice, &mut version);
    }
    site
}

/// The first difference, short enough to be read.
fn in_words(differences: &[Difference]) -> String {
    let words = |one: &Option<Judgement>| match one.as_ref().map(|one| (&one.body, one.seq)) {
        Some((Body::Alarm(change), seq)) => format!("{seq:?} {change:?}"),
        Some((Body::Deviation(deviation), seq)) => {
            let (before, after) = (deviation.before.len(), deviation.after.len());
            let short = Deviation { before: vec![], after: vec![], ..deviation.clone() };
            let times: Vec<_> = deviation.after.iter().map(|(at, _)| at.0 / 1_000_000).collect();
            format!("{seq:?} {short:?} {before} before, {after} after {times:?}")
        }
        Some(_) | None => "nothing".to_owned(),
    };
    let lines = differences.iter().map(|one| {
        format!("{:?}\n  then {}\n  now  {}", one.unit, words(&one.recorded), words(&one.judged))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Req: LAW-08
#[test]
fn any_run_is_judged_the_same_again() {
    let (mut bodies, mut readings, mut starts) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut site = random(seed);
        site.run(10);
        let replayed = site.replay(&site.records());
        let differences = replayed.differences();
        assert!(differences.is_empty(), "seed {seed}: {}", in_words(&differences));
        assert_eq!(replayed.recorded.len(), replayed.judged.len(), "seed {seed}");
        bodies += replayed.judged.len();
        readings += replayed.readings;
        starts += site.boots;
    }
    assert!(bodies > 1_000, "{bodies} bodies say something");
    println!("{SEEDS} runs, {starts} starts, {readings} readings: {bodies} bodies, all the same");
}

/// Req: LAW-08
#[test]
fn a_changed_reading_is_another_verdict_and_is_named() {
    let site = random(3);
    let mut records = site.records();
    let mut changed = None;
    for record in &mut records {
        if let Body::Alarm(change) = &record.body
            && change.alarm == "TEMP.HH"
            && change.value.is_some()
            && changed.is_none()
        {
            changed = Some(record.common.identity.seq);
        }
    }
    let at = changed.expect("it was raised in this run");
    let frame = records.iter_mut().rev().find_map(|record| match &mut record.body {
        Body::Telemetry(frame) if record.common.identity.seq < at => Some(frame),
        _ => None,
    });
    for column in &mut frame.expect("the frame that caused it").columns {
        for sample in &mut column.samples {
            sample.value = None;
        }
    }
    let replayed = site.replay(&records);
    let differences = replayed.differences();
    let first = differences.first().expect("one");
    assert!(first.recorded.as_ref().is_some_and(|one| one.seq.is_some_and(|seq| seq >= at)));
}

#[test]
fn another_master_file_says_what_would_have_alarmed() {
    let mut site = Site::judging(1);
    site.devices[0].temperature(37.4);
    site.run(60_000);
    assert_eq!(site.said(), Vec::<String>::new());
    let mut stricter = master_file(1);
    stricter.alarms[0].limit = 37.2;
    let stricter = std::sync::Arc::new(stricter);
    let file = |_| Some(std::sync::Arc::clone(&stricter));
    let mut replay = Replay::new(&site.setup, &file);
    for record in site.records() {
        replay.record(&record).expect("at hand");
    }
    let replayed = replay.finish();
    assert!(replayed.recorded.iter().all(|one| one.unit.is_none()));
    let would: Vec<_> = replayed
        .judged
        .iter()
        .filter_map(|one| match &one.body {
            Body::Alarm(change) => Some(format!("{} {}", change.alarm, change.transition)),
            _ => None,
        })
        .collect();
    assert_eq!(would, ["TEMP.H raised"]);
}

#[test]
fn missing_records_are_named_and_judging_goes_on_from_the_next_state() {
    let mut site = Site::judging(1);
    site.run(600_000);
    site.devices[0].temperature(38.5);
    site.run(3_600_000);
    site.devices[0].temperature(37.0);
    site.run(60_000);
    let all = site.records();
    let lost = 100..=120;
    let is_lost = |record: &&Record| !lost.contains(&record.common.identity.seq);
    let rest: Vec<Record> = all.iter().filter(is_lost).cloned().collect();
    let replayed = site.replay(&rest);
    assert_eq!(replayed.missing, [(100, 120)]);
    assert!(replayed.skipped > 0);
    let differences = replayed.differences();
    assert!(differences.is_empty(), "{}", in_words(&differences));
    let unit = replayed.judged.iter().filter(|one| one.unit.is_some());
    assert!(unit.count() >= 2, "what came after the state record");
}

#[test]
fn what_is_not_at_hand_is_named() {
    let mut site = Site::judging(1);
    site.run(10_000);
    let nothing = |_| None;
    let mut replay = Replay::new(&site.setup, &nothing);
    let error = site.records().iter().find_map(|record| replay.record(record).err());
    assert!(matches!(error, Some(ReplayError::NoMasterFile { .. })), "{error:?}");
    let mut other = site.setup.clone();
    other.units[0].devices.clear();
    let file = |_| Some(std::sync::Arc::new(master_file(1)));
    let mut replay = Replay::new(&other, &file);
    let error = site.records().iter().find_map(|record| replay.record(record).err());
    assert!(matches!(error, Some(ReplayError::OtherInstallation { .. })), "{error:?}");
}
