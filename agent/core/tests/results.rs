//! Results that people enter: judged as any parameter, confirmed and corrected by named people.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{NewResult, Role};
use cellwatch_model::{UnitOfMeasure, Utc};
use cellwatch_record::{Body, EnteredResult, Record};
use harness::{Site, master_file_with, offer, person, setup_led_by_people};

const UNIT: &str = "BX-0";
const HOUR_MS: u64 = 3_600_000;

const MORE: &str = r#"
[[parameter]]
name = "VIABILITY"
entry = "manual"
second_person = true
unit = "%"
range = [0.0, 100.0]
critical = true
stale_after_s = 7200.0
instrument_delay_s = 600.0
instrument_response = "Count the cells."

[[parameter]]
name = "GLUCOSE"
entry = "manual"
unit = "mM"
range = [0.0, 60.0]
stale_after_s = 3600.0
instrument_response = "Measure the glucose."

[[alarm]]
id = "VIABILITY.LL"
parameter = "VIABILITY"
kind = "LL"
limit = 80.0
priority = "high"
class = "product-quality"
cause = "toxic feed"
consequence = "cells die"
response = "Call quality assurance."
time_to_respond_s = 1800

[[alarm]]
id = "GLUCOSE.L"
parameter = "GLUCOSE"
kind = "L"
limit = 5.0
deadband = 1.0
priority = "medium"
class = "product-quality"
cause = "feed"
consequence = "growth slows"
response = "Raise the feed."
time_to_respond_s = 3600
"#;

fn file() -> MasterFile {
    master_file_with(2, MORE)
}

/// With a batch under way.
fn site() -> Site {
    let mut site = Site::of(setup_led_by_people(1));
    site.connect();
    site.input(Input::MasterFile(offer(file())));
    site.run(5_000);
    let start = Asked::StartBatch { unit: UNIT.to_owned(), batch: "LOT-0042".to_owned() };
    assert_eq!(site.ask(&person(Role::Operator, 1), start, ""), None);
    site
}

fn new(parameter: &str, value: f64, unit: UnitOfMeasure) -> Asked {
    let parameter = parameter.to_owned();
    let result = NewResult { parameter, value, unit, sampled: None };
    Asked::EnterResult { unit: UNIT.to_owned(), result }
}

fn viability(value: f64) -> Asked {
    new("VIABILITY", value, UnitOfMeasure::Percent)
}

fn glucose(value: f64) -> Asked {
    new("GLUCOSE", value, UnitOfMeasure::MillimolePerLitre)
}

fn confirm(id: &str) -> Asked {
    Asked::ConfirmResult { unit: UNIT.to_owned(), result: id.to_owned() }
}

fn correct(id: &str, value: f64) -> Asked {
    Asked::CorrectResult { unit: UNIT.to_owned(), result: id.to_owned(), value }
}

fn results(site: &Site) -> Vec<EnteredResult> {
    let result = |record: Record| match record.body {
        Body::Result(result) => Some(result),
        _ => None,
    };
    site.records().into_iter().filter_map(result).collect()
}

/// Req: LAW-11
#[test]
fn what_cannot_be_a_result_is_refused_for_its_own_reason() {
    let future = Some(Utc(harness::EPOCH_NS + 86_400_000_000_000));
    let from_tomorrow = Asked::EnterResult {
        unit: UNIT.to_owned(),
        result: NewResult {
            parameter: "GLUCOSE".to_owned(),
            value: 8.0,
            unit: UnitOfMeasure::MillimolePerLitre,
            sampled: future,
        },
    };
    let operator = person(Role::Operator, 1);
    let cases = [
        (&operator, viability(101.0), "no plausible VIABILITY"),
        (&operator, viability(f64::NAN), "no plausible VIABILITY"),
        (&operator, new("VIABILITY", 0.9, UnitOfMeasure::One), "entered in %, not in 1"),
        (&operator, new("TEMP.PV", 37.0, UnitOfMeasure::Celsius), "read from a device"),
        (&operator, new("PH", 7.0, UnitOfMeasure::Ph), "no parameter PH"),
        (&operator, from_tomorrow, "in the future"),
        (&operator, confirm("BX-0/VIABILITY/1"), "no result BX-0/VIABILITY/1"),
        (&operator, correct("BX-0/VIABILITY/1", 90.0), "no result BX-0/VIABILITY/1"),
        (&person(Role::Quality, 1), glucose(8.0), "the role quality may not enter"),
        (&person(Role::Maintenance, 1), glucose(8.0), "the role maintenance may not enter"),
    ];
    let mut site = site();
    for (person, what, reason) in &cases {
        let refusal = site.ask(person, what.clone(), "").unwrap_or_default();
        assert!(refusal.contains(reason), "{what:?}: {refusal}");
    }
    assert_eq!(results(&site), []);
    site.assert_replays();
    println!("results refused: {} cases", cases.len());
}

/// Req: LAW-11
#[test]
fn a_result_is_judged_as_any_parameter() {
    let mut site = site();
    let operator = person(Role::Operator, 1);
    assert_eq!(site.ask(&operator, glucose(8.0), ""), None);
    assert_eq!(site.said(), Vec::<String>::new());
    assert_eq!(site.ask(&operator, glucose(4.5), ""), None);
    assert_eq!(site.said(), ["GLUCOSE.L raised"]);
    assert_eq!(site.ask(&operator, glucose(5.5), ""), None);
    assert_eq!(site.said().len(), 1, "back by less than the deadband");
    assert_eq!(site.ask(&operator, glucose(6.5), ""), None);
    assert_eq!(site.said(), ["GLUCOSE.L raised", "GLUCOSE.L returned"]);
    let ids: Vec<_> = results(&site).into_iter().map(|one| one.id).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(|number| format!("BX-0/GLUCOSE/{number}")));
    site.assert_replays();
}

/// Req: LAW-11
#[test]
fn a_critical_result_counts_when_another_person_has_confirmed_it() {
    let mut site = site();
    let (one, two) = (person(Role::Operator, 1), person(Role::Operator, 2));
    assert_eq!(site.ask(&one, viability(70.0), "counted twice"), None);
    assert_eq!(site.said(), Vec::<String>::new(), "it waits");
    let id = "BX-0/VIABILITY/1";
    let mut same = one.clone();
    same.name = " Operator-1".to_owned();
    for person in [&one, &same] {
        let refusal = site.ask(person, confirm(id), "").unwrap_or_default();
        assert!(refusal.contains("another person must confirm"), "{refusal}");
    }
    site.restart(false, file());
    assert_eq!(site.ask(&two, confirm(id), "seen"), None);
    assert_eq!(site.said(), ["VIABILITY.LL raised"]);
    assert!(site.ask(&two, confirm(id), "").is_some_and(|why| why.contains("does not wait")));
    let last = results(&site).pop().expect("on record");
    assert_eq!((last.entered_by.clone(), last.confirmed_by.clone()), (one, Some(two)));
    assert!(last.counts);
    site.assert_replays();
}

/// Req: LAW-11
#[test]
fn a_correction_keeps_the_old_value_and_is_judged_anew() {
    let mut site = site();
    let (one, two) = (person(Role::Operator, 1), person(Role::Operator, 2));
    assert_eq!(site.ask(&one, viability(29.5), ""), None);
    let id = "BX-0/VIABILITY/1";
    assert_eq!(site.ask(&two, confirm(id), ""), None);
    assert_eq!(site.said(), ["VIABILITY.LL raised"]);
    assert!(site.ask(&one, correct(id, 92.5), " ").is_some_and(|why| why.contains("a reason")));
    assert_eq!(site.ask(&one, correct(id, 92.5), "digits swapped"), None);
    assert_eq!(site.said().len(), 1, "a correction waits for the second person too");
    assert_eq!(site.ask(&two, confirm(id), ""), None);
    assert_eq!(site.said(), ["VIABILITY.LL raised", "VIABILITY.LL returned"]);
    let told: Vec<_> = results(&site).iter().map(|one| (one.value, one.old, one.counts)).collect();
    let expected = [
        (29.5, None, false),
        (29.5, None, true),
        (92.5, Some(29.5), false),
        (92.5, Some(29.5), true),
    ];
    assert_eq!(told, expected);
    assert_eq!(site.ask(&one, glucose(8.0), ""), None);
    assert_eq!(site.ask(&one, glucose(9.0), ""), None);
    assert_eq!(site.ask(&one, correct("BX-0/GLUCOSE/1", 2.0), "another bag"), None);
    assert_eq!(site.said().len(), 2, "an older result does not judge the present");
    site.assert_replays();
}

/// Req: LAW-02
#[test]
fn a_result_that_is_due_and_does_not_come_is_silence() {
    let mut site = site();
    let operator = person(Role::Operator, 1);
    site.run(HOUR_MS / 2);
    assert_eq!(site.ask(&operator, glucose(4.0), ""), None);
    site.restart(true, file());
    site.run(HOUR_MS - 60_000);
    assert_eq!(site.said(), ["GLUCOSE.L raised"], "in time");
    site.run(120_000);
    assert_eq!(site.said(), ["GLUCOSE.L raised", "GLUCOSE.BAD raised"], "silence clears nothing");
    assert_eq!(site.ask(&operator, glucose(9.0), ""), None);
    site.run(10_000);
    let expected =
        ["GLUCOSE.L raised", "GLUCOSE.BAD raised", "GLUCOSE.L returned", "GLUCOSE.BAD returned"];
    assert_eq!(site.said(), expected);
    site.run(HOUR_MS + 60_000);
    let last = ["VIABILITY.BAD raised", "GLUCOSE.BAD raised"];
    assert_eq!(site.said()[4..], last, "viability after its time and its delay, glucose again");
    let end = Asked::EndBatch { unit: UNIT.to_owned() };
    assert_eq!(site.ask(&operator, end, ""), None);
    site.run(3 * HOUR_MS);
    let after: Vec<_> = site.said().split_off(6);
    let expected = [
        "PHASE.ORDER raised",
        "PHASE.ORDER returned",
        "VIABILITY.BAD returned",
        "GLUCOSE.BAD returned",
    ];
    assert_eq!(after, expected, "outside a batch nobody waits");
    site.assert_replays();
}

/// Req: LAW-02
#[test]
fn a_correction_or_a_second_person_moves_no_due_time() {
    for restarts in [false, true] {
        let mut site = site();
        let (one, two) = (person(Role::Operator, 1), person(Role::Operator, 2));
        assert_eq!(site.ask(&one, glucose(8.0), ""), None);
        assert_eq!(site.ask(&one, viability(90.0), ""), None);
        site.run(HOUR_MS * 5 / 6);
        assert_eq!(site.ask(&one, correct("BX-0/GLUCOSE/1", 8.5), "misread"), None);
        assert_eq!(site.ask(&two, confirm("BX-0/VIABILITY/1"), "seen"), None);
        if restarts {
            site.restart(true, file());
            site.restart(false, file());
        }
        site.run(HOUR_MS / 6);
        site.run(60_000);
        assert_eq!(site.said(), ["GLUCOSE.BAD raised"], "an hour after the result itself");
        site.run(HOUR_MS);
        assert_eq!(site.said().len(), 1, "its delay runs");
        site.run(600_000);
        assert_eq!(
            site.said(),
            ["GLUCOSE.BAD raised", "VIABILITY.BAD raised"],
            "two hours after it"
        );
        site.assert_replays();
    }
}

/// Req: LAW-02
#[test]
fn a_restart_after_another_phase_began_moves_no_due_time() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        let operator = person(Role::Operator, 1);
        site.run(HOUR_MS * 5 / 6);
        let phase = Asked::SetPhase { unit: UNIT.to_owned(), phase: "expansion".to_owned() };
        assert_eq!(site.ask(&operator, phase, ""), None);
        site.run(60_000);
        site.restart(same_machine_boot, file());
        site.restart(same_machine_boot, file());
        site.run(HOUR_MS / 6 - 120_000);
        assert_eq!(site.said(), Vec::<String>::new());
        site.run(120_000);
        assert_eq!(site.said(), ["GLUCOSE.BAD raised"], "an hour after the start of the batch");
        site.assert_replays();
    }
}

/// Req: LAW-02
#[test]
fn what_a_new_file_gives_more_time_does_not_stand_after_the_batch() {
    let mut site = site();
    site.run(HOUR_MS + 60_000);
    assert_eq!(site.said(), ["GLUCOSE.BAD raised"]);
    let mut more_time = MasterFile { version: 3, ..file() };
    for parameter in &mut more_time.parameters {
        parameter.stale_after_ms = 24 * HOUR_MS;
    }
    site.input(Input::MasterFile(offer(more_time)));
    site.run(60_000);
    let end = Asked::EndBatch { unit: UNIT.to_owned() };
    assert_eq!(site.ask(&person(Role::Operator, 1), end, ""), None);
    site.run(60_000);
    assert_eq!(site.said().last().map(String::as_str), Some("GLUCOSE.BAD returned"));
    site.assert_replays();
}

/// Req: LAW-02, LAW-08
#[test]
fn a_file_that_wants_results_sooner_makes_nothing_late_before_it_judges() {
    let with = |version, hours| {
        let mut with = MasterFile { version, ..file() };
        for parameter in &mut with.parameters {
            parameter.stale_after_ms = hours * HOUR_MS;
        }
        with
    };
    let mut site = Site::of(setup_led_by_people(1));
    site.connect();
    site.input(Input::MasterFile(offer(with(2, 24))));
    site.run(5_000);
    let start = Asked::StartBatch { unit: UNIT.to_owned(), batch: "LOT-0042".to_owned() };
    assert_eq!(site.ask(&person(Role::Operator, 1), start, ""), None);
    site.run(20 * HOUR_MS);
    let in_force_ms = site.now_ms;
    site.input(Input::MasterFile(offer(with(3, 12))));
    site.run(60_000);
    let late: Vec<_> = site.alarms().into_iter().filter(|one| one.1 == "GLUCOSE.BAD").collect();
    assert_eq!(late.len(), 1, "{late:?}");
    assert!(late[0].3 >= in_force_ms, "{late:?}, in force since {in_force_ms}");
    site.restart(true, with(3, 12));
    site.run(60_000);
    assert_eq!(site.said(), ["GLUCOSE.BAD raised"], "a restart says nothing twice");
    site.assert_replays();
}
