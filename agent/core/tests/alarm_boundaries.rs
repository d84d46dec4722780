//! Each kind of alarm at its limit, one step of resolution to each side, and at its delays, one tick (a millisecond)
//! to each side; and what a reading without a value does meanwhile. Through the door.
//! Req: ALM-01, ALM-06, LAW-02
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for what it looks for")]

mod harness;

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_model::{AlarmTransition, Cause, IsaState, Quality};
use cellwatch_record::{AlarmChange, Body, EventKind};
use harness::{Behaviour, PROFILE, Site, master_file_with, offer, person, setup};

const DOOR: &str = r#"
[[parameter]]
name = "DOOR"
table = "input"
address = 2
type = "u16"
unit = "1"
values = { "0" = "closed", "1" = "open" }

[[parameter]]
name = "LID"
table = "discrete"
address = 3
type = "bit"
unit = "1"
values = { "0" = "closed", "1" = "open" }
"#;

const MORE: &str = include_str!("alarm_boundaries.toml");

const SENTINEL: u16 = 0x8000;

/// A site at 37.00 °C for a little more than a minute, in expansion, where only `alarm` has the delays given.
fn site(alarm: &str, change: impl Fn(&mut MasterFile)) -> Site {
    let mut setup = setup(1);
    let text = format!("{PROFILE}{DOOR}");
    let profile = profile::parse("test.toml", &text).unwrap_or_else(|all| panic!("{all}"));
    setup.devices[0].profile = Arc::new(profile);
    let mut site = Site::of(setup.clone());
    site.connect();
    site.devices[0].phase(2);
    let mut file = master_file_with(1, MORE);
    file.equipment[0].profile_sha256 = setup.devices[0].profile.sha256;
    // The others would explain it.
    file.alarms.retain(|one| one.id == alarm);
    change(&mut file);
    site.input(Input::MasterFile(offer(file)));
    site.run(62_500);
    site
}

fn delays(on_ms: u64, off_ms: u64) -> impl Fn(&mut MasterFile) {
    move |file| {
        for alarm in &mut file.alarms {
            (alarm.on_delay_ms, alarm.off_delay_ms) = (on_ms, off_ms);
        }
    }
}

fn changes(site: &Site, alarm: &str) -> Vec<AlarmChange> {
    let bodies = site.records().into_iter().filter_map(|record| match record.body {
        Body::Alarm(change) if change.alarm == alarm => Some(change),
        _ => None,
    });
    bodies.collect()
}

fn times(site: &Site, alarm: &str) -> Vec<(AlarmTransition, u64)> {
    changes(site, alarm).iter().map(|one| (one.transition, one.at.0 / 1_000_000)).collect()
}

/// When the first reading after `since` came, milliseconds: every parameter is polled each second, and answered after 4 ms.
fn first_reading(site: &Site, since: u64) -> u64 {
    let asked = site.requests.iter().map(|(at, _)| *at).find(|at| *at >= since);
    asked.expect("it is polled each second") + 4
}

use AlarmTransition::{Raised, Returned};

/// An alarm with a value at its limit, one a step beyond, one back by the deadband, and one a step before that.
type AtLimit = (&'static str, f64, f64, f64, f64);

#[test]
fn at_the_limit_is_normal_and_one_step_beyond_is_not() {
    let cases: [AtLimit; 6] = [
        ("TEMP.HH", 38.0, 38.01, 37.9, 37.91),
        ("TEMP.H", 37.5, 37.51, 37.4, 37.41),
        ("TEMP.L", 36.5, 36.49, 36.6, 36.59),
        ("TEMP.LL", 36.0, 35.99, 36.1, 36.09),
        // 37.6 - 37.0 is more than 0.6 in binary, and is not in decimal.
        ("TEMP.DEV", 37.6, 37.61, 37.5, 37.51),
        // 0.3 °C within the window of a minute, without a deadband.
        ("TEMP.RATE", 37.3, 37.31, 37.3, 37.31),
    ];
    for (alarm, limit, beyond, back, not_back) in cases {
        let mut site = site(alarm, delays(0, 0));
        let mut at = |celsius, ms| {
            site.devices[0].temperature(celsius);
            site.run(ms);
            times(&site, alarm).iter().map(|(transition, _)| *transition).collect::<Vec<_>>()
        };
        assert_eq!(at(limit, 2_000), [], "{alarm} at its limit");
        assert_eq!(at(beyond, 2_000), [Raised], "{alarm} a step beyond");
        assert_eq!(at(not_back, 2_000), [Raised], "{alarm} not back by the deadband");
        assert_eq!(at(back, 2_000), [Raised, Returned], "{alarm} back by the deadband");
        site.assert_replays();
    }
    // A number and a bit, both with words for their states.
    for (alarm, address) in [("DOOR.OPEN", 2), ("LID.OPEN", 3)] {
        let mut site = site(alarm, delays(0, 0));
        for (register, expected) in [(0, 0), (1, 1), (1, 1), (0, 2)] {
            site.devices[0].registers.insert(address, register);
            site.run(2_000);
            assert_eq!(times(&site, alarm).len(), expected, "{alarm} at {register}");
        }
    }
    println!("alarm boundaries, limits: {} cases", cases.len() * 4 + 8);
}

/// How to make an alarm's condition true and false again.
type Switch = fn(&mut Site, bool);

fn heat(site: &mut Site, on: bool) {
    site.devices[0].temperature(if on { 38.5 } else { 37.0 });
}

fn cool(site: &mut Site, on: bool) {
    site.devices[0].temperature(if on { 35.5 } else { 37.0 });
}

fn open(site: &mut Site, on: bool) {
    site.devices[0].registers.insert(2, u16::from(on));
}

const SWITCHED: [(&str, Switch); 7] = [
    ("TEMP.HH", heat),
    ("TEMP.H", heat),
    ("TEMP.L", cool),
    ("TEMP.LL", cool),
    ("TEMP.DEV", heat),
    ("TEMP.RATE", heat),
    ("DOOR.OPEN", open),
];

#[test]
fn an_on_delay_ends_at_its_tick() {
    let mut cases = 0;
    for (alarm, switch) in SWITCHED {
        // The condition is true for four readings and the fifth, 4 s after the first, is normal.
        for (on_ms, raised) in [(3_999, true), (4_000, true), (4_001, false)] {
            let mut site = site(alarm, delays(on_ms, 0));
            let since = site.now_ms;
            switch(&mut site, true);
            site.run(4_000);
            let first = first_reading(&site, since);
            switch(&mut site, false);
            site.run(2_000);
            let times = times(&site, alarm);
            let expected: &[(AlarmTransition, u64)] =
                &[(Raised, first + on_ms), (Returned, first + 4_000)];
            let expected = if raised { expected } else { &[] };
            assert_eq!(times, expected, "{alarm} with {on_ms} ms");
            site.assert_replays();
            cases += 1;
        }
    }
    println!("alarm boundaries, on-delays: {cases} cases");
}

#[test]
fn an_off_delay_ends_at_its_tick() {
    let mut cases = 0;
    // A rate does not come back to be beyond again within its window.
    for (alarm, switch) in SWITCHED.into_iter().filter(|(alarm, _)| *alarm != "TEMP.RATE") {
        for (off_ms, returned) in [(3_999, true), (4_000, true), (4_001, false)] {
            let mut site = site(alarm, delays(0, off_ms));
            switch(&mut site, true);
            site.run(3_000);
            let since = site.now_ms;
            switch(&mut site, false);
            site.run(4_000);
            let first = first_reading(&site, since);
            switch(&mut site, true);
            site.run(2_000);
            let times = times(&site, alarm);
            if returned {
                let expected = [(Returned, first + off_ms), (Raised, first + 4_000)];
                assert_eq!(times[1..], expected, "{alarm} with {off_ms} ms");
            } else {
                assert_eq!(times.len(), 1, "{alarm} with {off_ms} ms: {times:?}");
            }
            site.assert_replays();
            cases += 1;
        }
    }
    println!("alarm boundaries, off-delays: {cases} cases");
}

#[test]
fn an_instrument_alarm_and_a_phase_end_at_their_tick() {
    for (delay_ms, raised) in [(2_999, true), (3_000, true), (3_001, false)] {
        let mut site = site("TEMP.HH", |file| {
            for parameter in &mut file.parameters {
                parameter.instrument_delay_ms = delay_ms;
            }
        });
        let since = site.now_ms;
        site.devices[0].registers.insert(0, SENTINEL);
        site.run(3_000);
        let first = first_reading(&site, since);
        site.devices[0].temperature(37.0);
        site.run(8_000);
        let times = times(&site, "TEMP.PV.BAD");
        // It is well again for 5 s before it returns.
        let expected: &[(AlarmTransition, u64)] =
            &[(Raised, first + delay_ms), (Returned, first + 8_000)];
        assert_eq!(times, if raised { expected } else { &[] }, "{delay_ms} ms");
        site.assert_replays();
    }
    for (max_ms, raised) in [(99_999, true), (100_000, true), (100_001, false)] {
        let mut site = site("TEMP.HH", |file| {
            for phase in &mut file.phases {
                phase.max_duration_ms = (phase.id == "expansion").then_some(max_ms);
            }
        });
        let began = site.records().iter().find_map(|record| match &record.body {
            Body::Batch(change) => Some(change.at.0 / 1_000_000),
            _ => None,
        });
        let began = began.expect("the device says its phase");
        // The next phase is read at the first poll after this.
        site.run(began + 99_500 - site.now_ms);
        site.devices[0].phase(1);
        site.run(2_000);
        let overrun = times(&site, "PHASE.OVERRUN");
        let raised = raised.then_some((Raised, began + max_ms));
        assert_eq!(overrun.first().copied(), raised, "{max_ms} ms");
        site.assert_replays();
    }
    println!("alarm boundaries, instruments and phases: 6 cases");
}

#[test]
fn a_silent_device_calls_ten_seconds_after_its_link_went_down() {
    let link = |site: &Site, up: bool| {
        let up = cellwatch_record::Datum::Bool(up);
        site.records().iter().rev().find_map(|record| match &record.body {
            Body::Event(event)
                if event.kind == EventKind::Link && event.details.get("up") == Some(&up) =>
            {
                Some(event.at.0 / 1_000_000)
            }
            _ => None,
        })
    };
    // It failed a millisecond after it was asked, and is asked again each second. Back after 9 999, 10 000 and 10 001 ms.
    let cases = [(None, true), (Some(0), false), (Some(1), true), (Some(2), true)];
    for (answers_after, raised) in cases {
        let mut site = site("TEMP.HH", |_| {});
        site.devices[0].behaviour = Behaviour::Away;
        while link(&site, false).is_none() {
            site.run(100);
        }
        let down = link(&site, false).expect("the link is down");
        if let Some(after_ms) = answers_after {
            site.run(down + 9_998 - site.now_ms);
            site.devices[0].behaviour = Behaviour::Answers(after_ms);
        }
        site.run(down + 12_000 - site.now_ms);
        let up = link(&site, true).filter(|up| *up > down);
        assert_eq!(up, answers_after.map(|after_ms| down + 9_999 + after_ms));
        let calls = times(&site, "bx-0.LINK");
        let expected = raised.then_some((Raised, down + 10_000));
        assert_eq!(calls.first().copied(), expected, "up at {up:?}");
        site.assert_replays();
    }
    println!("alarm boundaries, links: 4 cases");
}

#[test]
fn a_value_is_stale_at_its_tick() {
    // The next one comes a second after it.
    for (stale_ms, raised) in [(999, true), (1_000, true), (1_001, false)] {
        let mut site = site("TEMP.HH", |_| {});
        let mut file =
            site.files.values().next().map(|file| MasterFile::clone(file)).expect("in force");
        file.version = 2;
        for parameter in &mut file.parameters {
            (parameter.stale_after_ms, parameter.instrument_delay_ms) = (stale_ms, 0);
        }
        let since = site.now_ms;
        site.input(Input::MasterFile(offer(file)));
        site.run(20_000);
        let expected = raised.then_some((Raised, first_reading(&site, since) + stale_ms));
        assert_eq!(times(&site, "TEMP.PV.BAD").first().copied(), expected, "{stale_ms} ms");
        let why = changes(&site, "TEMP.PV.BAD").first().map(|change| change.quality);
        assert_eq!(why, raised.then_some(Quality::Bad(Cause::Stale)), "{stale_ms} ms");
        site.assert_replays();
    }
    println!("alarm boundaries, stale values: 3 cases");
}

/// What is going on when the value is lost, and what must be true afterwards.
struct Lost {
    name: &'static str,
    /// On-delay and off-delay, milliseconds.
    delays: (u64, u64),
    /// Values in °C (none for the sentinel), a second each.
    readings: &'static [Option<f64>],
    /// Transitions with the seconds after the first of these readings.
    expected: &'static [(AlarmTransition, u64)],
}

const HOT: Option<f64> = Some(38.5);
const WELL: Option<f64> = Some(37.0);

#[test]
fn a_reading_without_a_value_neither_raises_nor_returns() {
    let cases = [
        Lost {
            name: "a standing alarm stays",
            delays: (0, 0),
            readings: &[HOT, None, None, None, None, None, None, None, HOT, WELL],
            expected: &[(Raised, 0), (Returned, 9)],
        },
        Lost {
            name: "an on-delay goes on",
            delays: (4_000, 0),
            readings: &[HOT, HOT, None, None, None, None, HOT],
            expected: &[(Raised, 4)],
        },
        Lost {
            name: "an on-delay that silence began does not run",
            delays: (3_000, 0),
            readings: &[None, None, None, None, None, HOT, HOT, WELL, WELL],
            expected: &[],
        },
        Lost {
            name: "a normal value after the silence ends the on-delay",
            delays: (4_000, 0),
            readings: &[HOT, None, WELL, HOT, HOT, WELL, WELL],
            expected: &[],
        },
        Lost {
            name: "an off-delay begins again with the first value",
            delays: (0, 3_000),
            readings: &[HOT, WELL, WELL, None, None, None, WELL, WELL, WELL, WELL, WELL],
            expected: &[(Raised, 0), (Returned, 9)],
        },
        Lost {
            name: "silence alone never ends an off-delay",
            delays: (0, 2_000),
            readings: &[HOT, WELL, None, None, None, None, None, None, None],
            expected: &[(Raised, 0)],
        },
    ];
    for case in &cases {
        let mut site = site("TEMP.HH", delays(case.delays.0, case.delays.1));
        let since = site.now_ms;
        read(&mut site, case.readings);
        let first = first_reading(&site, since);
        let times = times(&site, "TEMP.HH");
        let expected: Vec<_> =
            case.expected.iter().map(|(what, s)| (*what, first + s * 1_000)).collect();
        assert_eq!(times, expected, "{}", case.name);
        site.assert_replays();
    }
    println!("alarm boundaries, lost values: {} cases", cases.len());
}

fn read(site: &mut Site, readings: &[Option<f64>]) {
    for value in readings {
        match value {
            Some(celsius) => site.devices[0].temperature(*celsius),
            None => drop(site.devices[0].registers.insert(0, SENTINEL)),
        }
        site.run(1_000);
    }
}

/// What is read before and while it is shelved, a second each, and the state when it comes back.
type Shelved = (&'static str, &'static [Option<f64>], &'static [Option<f64>], IsaState);

#[test]
fn a_lost_value_while_an_alarm_is_shelved_keeps_it_what_it_was() {
    let cases: [Shelved; 3] = [
        ("active stays active", &[HOT], &[None, None, None], IsaState::Unacknowledged),
        ("normal stays normal", &[WELL], &[None, None, None], IsaState::Normal),
        (
            "it returns only by a value",
            &[HOT],
            &[None, WELL, WELL],
            IsaState::ReturnedUnacknowledged,
        ),
    ];
    for (name, before, meanwhile, expected) in cases {
        let mut site = site("TEMP.HH", |file| {
            for alarm in &mut file.alarms {
                alarm.shelve_max_ms = Some(600_000);
            }
        });
        read(&mut site, before);
        let ask = |site: &mut Site, request| {
            let alarm = "TEMP.HH".to_owned();
            let what = Asked::OfAlarm { unit: Some("BX-0".to_owned()), alarm, request };
            assert_eq!(site.ask(&person(Role::Operator, 1), what, "probe"), None, "{name}");
        };
        ask(&mut site, Request::Shelve { one_shot: false, for_ms: 600_000 });
        read(&mut site, meanwhile);
        ask(&mut site, Request::Unshelve);
        let last = changes(&site, "TEMP.HH").pop().expect("it was shelved");
        assert_eq!((last.transition, last.state), (AlarmTransition::Unshelved, expected), "{name}");
        site.assert_replays();
    }
    println!("alarm boundaries, shelved: {} cases", cases.len());
}
