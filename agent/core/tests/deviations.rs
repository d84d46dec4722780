//! Deviation candidates: opened by rule, updated, closed, with their evidence.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_record::{Body, Deviation, DeviationChange, DeviationRule, Record};
use harness::{Behaviour, PAIR, Site, master_file_with, offer, person};

const MORE: &str = r#"
[[deviation]]
id = "DEV.ACTION"
when = "action-limit"
parameter = "TEMP.PV"
after_s = 60.0
description = "The cells were warmer than the action limit."

[[deviation]]
id = "DEV.GAP"
when = "data-gap"
after_s = 120.0
description = "Nothing is known of a critical parameter."

[[deviation]]
id = "DEV.LATE"
when = "late-acknowledgement"
alarm = "TEMP.HH"
description = "Nobody answered in time."

[[deviation]]
id = "DEV.LATE-H"
when = "late-acknowledgement"
alarm = "TEMP.H"
after_s = 3600.0
description = "Warm, and nobody looked for an hour."
"#;

fn file() -> MasterFile {
    master_file_with(2, MORE)
}

fn site() -> Site {
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file())));
    site.run(120_000);
    site
}

fn deviations(site: &Site) -> Vec<Deviation> {
    let deviation = |record: Record| match record.body {
        Body::Deviation(deviation) => Some(deviation),
        _ => None,
    };
    site.records().into_iter().filter_map(deviation).collect()
}

fn told(site: &Site) -> Vec<(String, &'static str)> {
    deviations(site).into_iter().map(|one| (one.id, one.change.word())).collect()
}

fn acknowledge(site: &mut Site, alarm: &str) {
    let what = Asked::OfAlarm {
        unit: Some("BX-0".to_owned()),
        alarm: alarm.to_owned(),
        request: Request::Acknowledge,
    };
    assert_eq!(site.ask(&person(Role::Operator, 1), what, "heater off"), None);
}

#[test]
fn an_action_limit_beyond_its_time_opens_one_with_all_its_evidence() {
    let mut site = site();
    site.devices[0].temperature(38.5);
    site.run(30_000);
    site.devices[0].temperature(39.0);
    site.run(29_000);
    assert_eq!(told(&site), [], "not yet beyond its time");
    site.run(5_000);
    let hh = "BX-0/TEMP.HH/1".to_owned();
    assert_eq!(told(&site), [(hh.clone(), "opened")]);
    acknowledge(&mut site, "TEMP.HH");
    site.devices[0].temperature(37.0);
    site.run(120_000);
    let expected = [(hh.clone(), "opened"), (hh.clone(), "updated"), (hh.clone(), "updated")];
    assert_eq!(told(&site), expected);
    site.run(600_000);
    let last = deviations(&site).pop().expect("closed");
    assert_eq!(last.change, DeviationChange::Closed);
    assert_eq!(last.rules.len(), 1);
    assert_eq!(last.rules[0].0, DeviationRule::ActionLimit);
    assert!(last.rules[0].1.contains("warmer than the action limit"), "{:?}", last.rules);
    assert_eq!((last.lowest, last.highest, last.limit), (Some(37.0), Some(39.0), Some(38.0)));
    let seconds =
        u32::try_from(last.until.expect("over").ms_since(last.since) / 1000).expect("short");
    let area = last.area.expect("of a limit");
    // 30 s at 0.5 °C beyond the limit, the rest at 1 °C beyond it; a poll more or less.
    let expected = 15.0 + f64::from(seconds - 30);
    assert!((area - expected).abs() <= 2.5, "{area} °C·s instead of {expected}");
    assert_eq!(last.acknowledgements.len(), 1);
    assert_eq!(last.acknowledgements[0].1.name, "operator-1");
    assert!(last.before.len() >= 11 && last.before.iter().all(|(at, _)| *at < last.since));
    assert_eq!(last.after.len(), 60);
    assert!(last.after.iter().all(|(at, value)| *at >= last.until.expect("over") && *value < 38.0));
    let replayed = site.assert_replays();
    let judged = replayed.judged.iter().filter(|one| matches!(one.body, Body::Deviation(_)));
    assert_eq!(judged.count(), 4, "a replay opens it as well");
}

#[test]
fn a_short_excursion_opens_none() {
    let mut site = site();
    for _ in 0..5 {
        site.devices[0].temperature(38.5);
        site.run(50_000);
        acknowledge(&mut site, "TEMP.HH");
        site.devices[0].temperature(37.0);
        site.run(60_000);
    }
    assert_eq!(told(&site), []);
    site.assert_replays();
}

/// Req: LAW-02
#[test]
fn a_gap_in_a_critical_parameter_opens_one() {
    let mut site = site();
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(110_000);
    assert_eq!(told(&site), []);
    site.run(60_000);
    let opened = deviations(&site);
    assert_eq!(opened.len(), 1, "the silent device explains the alarm; the gap is there");
    assert_eq!(opened[0].rules[0].0, DeviationRule::DataGap);
    site.assert_replays();
    let mut site = self::site();
    site.devices[0].registers.insert(0, 0x8000);
    site.run(170_000);
    let opened = deviations(&site);
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert_eq!(opened[0].rules[0].0, DeviationRule::DataGap);
    assert_eq!(opened[0].id, "BX-0/TEMP.PV.BAD/1");
    assert!(!opened[0].before.is_empty(), "what was known before");
    site.assert_replays();
}

/// Req: LAW-11
#[test]
fn a_late_acknowledgement_opens_one_even_after_the_return() {
    let mut site = site();
    site.devices[0].temperature(38.5);
    site.run(10_000);
    site.devices[0].temperature(37.0);
    site.run(285_000);
    assert_eq!(told(&site), []);
    site.run(20_000);
    let hh = "BX-0/TEMP.HH/1".to_owned();
    assert_eq!(told(&site), [(hh.clone(), "opened")]);
    site.run(1_200_000);
    assert_eq!(told(&site).len(), 1, "it stays open until somebody has looked");
    acknowledge(&mut site, "TEMP.HH");
    let all = deviations(&site);
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].rules[0].0, DeviationRule::LateAcknowledgement);
    assert_eq!(all[2].change, DeviationChange::Closed);
    assert_eq!(all[2].acknowledgements.len(), 1);
    site.assert_replays();
}

#[test]
fn one_excursion_is_one_candidate_whatever_rules_meet_it() {
    let mut site = site();
    site.devices[0].temperature(37.8);
    site.run(3_700_000);
    let long = deviations(&site);
    assert_eq!(long.len(), 1);
    assert_eq!(long[0].rules[0].0, DeviationRule::LateAcknowledgement, "of an alert limit");
    site.devices[0].temperature(38.5);
    site.run(400_000);
    let hh: Vec<_> = deviations(&site).into_iter().filter(|one| one.alarm == "TEMP.HH").collect();
    let changes: Vec<_> = hh.iter().map(|one| (one.change.word(), one.rules.len())).collect();
    assert_eq!(changes, [("opened", 1), ("updated", 2)], "action limit, then late acknowledgement");
    site.assert_replays();
}

#[test]
fn open_candidates_survive_a_restart() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        site.devices[0].temperature(38.5);
        site.run(90_000);
        site.restart(same_machine_boot, file());
        site.run(60_000);
        acknowledge(&mut site, "TEMP.HH");
        site.restart(same_machine_boot, file());
        site.devices[0].temperature(37.0);
        site.run(30_000);
        site.restart(same_machine_boot, file());
        site.run(900_000);
        let words: Vec<_> = told(&site).into_iter().map(|(_, change)| change).collect();
        assert_eq!(words, ["opened", "updated", "updated", "closed"]);
        let last = deviations(&site).pop().expect("closed");
        assert_eq!(last.acknowledgements.len(), 1);
        assert!(last.duration_ms() > 150_000, "{}", last.duration_ms());
        assert_eq!(last.highest, Some(38.5));
        site.assert_replays();
    }
}

#[test]
fn what_the_phase_does_not_judge_is_no_deviation() {
    let mut file = file();
    for alarm in &mut file.alarms {
        if alarm.id == "TEMP.HH" {
            alarm.phases = vec!["expansion".to_owned()];
        }
    }
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file)));
    site.devices[0].phase(1);
    site.devices[0].temperature(38.5);
    site.run(400_000);
    let hh = |site: &Site| told(site).iter().filter(|(id, _)| id.contains("HH")).count();
    assert_eq!(hh(&site), 0);
    site.devices[0].phase(2);
    site.run(50_000);
    assert_eq!(hh(&site), 0, "its time begins with the phase");
    site.run(20_000);
    assert_eq!(hh(&site), 1);
    site.assert_replays();
}

#[test]
fn a_pending_rule_goes_on_after_a_restart() {
    let mut site = site();
    site.devices[0].temperature(38.5);
    site.run(40_000);
    site.restart(false, file());
    site.run(15_000);
    assert_eq!(told(&site), []);
    site.run(15_000);
    assert_eq!(told(&site), [("BX-0/TEMP.HH/1".to_owned(), "opened")], "a minute in all");
    site.assert_replays();
}

/// Req: LAW-11
#[test]
fn what_returned_and_nobody_saw_goes_on_to_its_candidate_after_a_restart() {
    for (latching, same_machine_boot) in
        [(false, true), (false, false), (true, true), (true, false)]
    {
        let mut file = file();
        for alarm in &mut file.alarms {
            alarm.latching = latching;
        }
        let mut site = Site::judging(1);
        site.input(Input::MasterFile(offer(file.clone())));
        site.run(120_000);
        site.devices[0].temperature(38.5);
        site.run(10_000);
        site.devices[0].temperature(37.0);
        site.run(90_000);
        let returned = site
            .alarms()
            .into_iter()
            .find(|(_, alarm, what, _)| alarm == "TEMP.HH" && what == "returned");
        site.restart(same_machine_boot, file.clone());
        site.restart(same_machine_boot, file);
        site.run(180_000);
        assert_eq!(told(&site), [], "not yet late");
        site.run(30_000);
        assert_eq!(told(&site), [("BX-0/TEMP.HH/1".to_owned(), "opened")], "latching: {latching}");
        let opened = deviations(&site).pop().expect("opened");
        assert_eq!(opened.rules[0].0, DeviationRule::LateAcknowledgement);
        let until = opened.until.map(|until| until.0 / 1_000_000);
        assert_eq!(until, returned.map(|(.., at)| at), "its excursion was over");
        acknowledge(&mut site, "TEMP.HH");
        site.run(600_000);
        let words: Vec<_> = told(&site).into_iter().map(|(_, change)| change).collect();
        assert_eq!(words, ["opened", "updated", "closed"]);
        site.assert_replays();
    }
}

const UNSEEN: &str = r#"
[[deviation]]
id = "DEV.PAIR"
when = "late-acknowledgement"
alarm = "PRESS.PAIR"
after_s = 20.0
description = "Nobody looked at the bags."
"#;

/// Req: LAW-08. The reference comes before the alarm's own parameter in one reply.
#[test]
fn evidence_begins_with_the_reading_that_raised_the_alarm() {
    let second = r#"
[[parameter]]
name = "PRESS.BAG_2"
table = "input"
address = 2
type = "u16"
unit = "mbar"
"#;
    let mut setup = harness::setup(1);
    let text = format!("{}{second}", harness::PROFILE);
    let profile =
        profile::parse("test.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut file = master_file_with(2, &format!("{PAIR}{UNSEEN}"));
    file.equipment[0].profile_sha256 = profile.sha256;
    setup.devices[0].profile = Arc::new(profile);
    let mut site = Site::of(setup);
    site.connect();
    let pressures = |site: &mut Site, one, two| {
        site.devices[0].registers.insert(1, one);
        site.devices[0].registers.insert(2, two);
        site.run(1_000);
    };
    pressures(&mut site, 100, 100);
    site.input(Input::MasterFile(offer(file)));
    site.run(10_000);
    pressures(&mut site, 160, 105);
    pressures(&mut site, 160, 108);
    site.run(60_000);
    let opened = deviations(&site).pop().expect("opened");
    assert_eq!((opened.lowest, opened.highest), (Some(105.0), Some(108.0)));
    site.assert_replays();
}

const NAMED: &str = r#"
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

[[deviation]]
id = "DEV.RATE"
when = "action-limit"
alarm = "TEMP.RATE"
after_s = 10.0
description = "The temperature ran away."

[[deviation]]
id = "DEV.HOLD"
when = "action-limit"
alarm = "PHASE.OVERRUN"
after_s = 60.0
description = "The run was on hold."

[[deviation]]
id = "DEV.ORDER"
when = "late-acknowledgement"
alarm = "PHASE.OVERRUN"
after_s = 90.0
description = "Nobody looked at the hold."
"#;

#[test]
fn a_rule_may_name_an_alarm_of_another_kind_and_one_on_phases() {
    let mut file = master_file_with(2, NAMED);
    file.alarms.retain(|alarm| alarm.id == "TEMP.RATE");
    file.phases[0].max_duration_ms = Some(300_000);
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file.clone())));
    site.run(60_000);
    site.devices[0].phase(1);
    for step in 1..40 {
        site.devices[0].temperature(37.0 + 0.02 * f64::from(step));
        site.run(1_000);
    }
    assert_eq!(told(&site), [("BX-0/TEMP.RATE/1".to_owned(), "opened")]);
    site.run(300_000);
    let of_phase = |site: &Site| {
        let all = deviations(site).into_iter().filter(|one| one.alarm == "PHASE.OVERRUN");
        all.map(|one| (one.change.word(), one.rules.len())).collect::<Vec<_>>()
    };
    assert_eq!(of_phase(&site), [], "not yet");
    site.run(40_000);
    assert_eq!(of_phase(&site), [("opened", 1)]);
    site.restart(true, file);
    site.run(40_000);
    assert_eq!(of_phase(&site), [("opened", 1), ("updated", 2)]);
    site.assert_replays();
}
