//! Batches and phases: who leads, in which order, for how long.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Role, check_batch_id};
use cellwatch_record::{Body, Record};
use harness::{Site, master_file, offer, person, setup_led_by_people};

const HOUR_MS: u64 = 3_600_000;
const UNIT: &str = "BX-0";

/// Activation from 1 h to 2 h, expansion for at most 3 h.
fn file() -> MasterFile {
    let mut file = master_file(2);
    file.phases[0].min_duration_ms = Some(HOUR_MS);
    file.phases[0].max_duration_ms = Some(2 * HOUR_MS);
    file.phases[1].max_duration_ms = Some(3 * HOUR_MS);
    file
}

fn led_by_device() -> Site {
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file())));
    site.run(5_000);
    site
}

fn led_by_people(file: MasterFile) -> Site {
    let mut site = Site::of(setup_led_by_people(1));
    site.connect();
    site.input(Input::MasterFile(offer(file)));
    site.run(5_000);
    site
}

fn phase_alarms(site: &Site) -> Vec<String> {
    site.said().into_iter().filter(|one| one.starts_with("PHASE.")).collect()
}

fn batches(site: &Site) -> Vec<(String, &'static str, Option<String>)> {
    let batch = |record: &Record| match &record.body {
        Body::Batch(batch) => Some((batch.batch.clone(), batch.change.word(), batch.to.clone())),
        _ => None,
    };
    site.records().iter().filter_map(batch).collect()
}

/// What the device does: phases with how long each lasts.
fn run(site: &mut Site, phases: &[(u16, u64)]) {
    for (phase, ms) in phases {
        site.devices[0].phase(*phase);
        site.run(*ms);
    }
}

/// Req: LAW-08
#[test]
fn order_and_durations_are_judged_where_the_device_leads() {
    let right = HOUR_MS + 60_000;
    let (shelve, back) = ("PHASE.OVERRUN raised", "PHASE.OVERRUN returned");
    let underrun = ["PHASE.UNDERRUN raised", "PHASE.UNDERRUN returned"];
    let order = ["PHASE.ORDER raised", "PHASE.ORDER returned"];
    let cases: Vec<(&str, Vec<(u16, u64)>, Vec<&str>)> = vec![
        ("as it should be", vec![(1, right), (2, right), (0, 60_000)], vec![]),
        ("too short", vec![(1, HOUR_MS - 60_000), (2, right)], underrun.to_vec()),
        ("a hold", vec![(1, 2 * HOUR_MS + 60_000), (2, right)], vec![shelve, back]),
        ("a hold that goes on", vec![(1, right), (2, 4 * HOUR_MS)], vec![shelve]),
        ("begun in the middle", vec![(2, right)], vec![order[0]]),
        ("back again", vec![(1, right), (2, right), (1, right)], vec![order[0]]),
        ("ended early", vec![(1, right), (0, 60_000)], order.to_vec()),
        (
            "wrong, and then ended",
            vec![(1, right), (2, right), (1, right), (0, 60_000)],
            [&order[..], &order].concat(),
        ),
    ];
    let count = cases.len();
    for (name, phases, expected) in cases {
        let mut site = led_by_device();
        run(&mut site, &phases);
        assert_eq!(phase_alarms(&site), expected, "{name}");
        site.assert_replays();
    }
    println!("order and durations: {count} cases");
}

#[test]
fn an_agent_that_comes_to_a_running_batch_judges_its_order_from_there() {
    let mut site = Site::of(harness::setup(1));
    site.devices[0].phase(2);
    site.connect();
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(10_000);
    assert_eq!(phase_alarms(&site), Vec::<String>::new(), "what went before is not known");
    site.devices[0].phase(1);
    site.run(10_000);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised"], "this step was seen");
    site.assert_replays();
}

#[test]
fn an_overrun_is_raised_when_it_is_due_and_survives_a_restart() {
    for same_machine_boot in [true, false] {
        let mut site = led_by_device();
        run(&mut site, &[(1, HOUR_MS)]);
        site.restart(same_machine_boot, file());
        run(&mut site, &[(1, HOUR_MS - 60_000)]);
        assert_eq!(phase_alarms(&site), Vec::<String>::new(), "the hour before counts");
        site.run(70_000);
        assert_eq!(phase_alarms(&site), ["PHASE.OVERRUN raised"]);
        site.restart(same_machine_boot, file());
        site.run(60_000);
        assert_eq!(phase_alarms(&site), ["PHASE.OVERRUN raised"], "not twice");
        let mut longer = file();
        longer.version = 3;
        longer.phases[0].max_duration_ms = Some(5 * HOUR_MS);
        site.input(Input::MasterFile(offer(longer)));
        site.run(1_000);
        assert_eq!(phase_alarms(&site).last().map(String::as_str), Some("PHASE.OVERRUN returned"));
        site.assert_replays();
    }
}

/// Req: LAW-11
#[test]
fn people_lead_where_no_device_says_the_phase() {
    let mut file = file();
    file.phases[0].min_duration_ms = None;
    let mut site = led_by_people(file);
    let (operator, supervisor) = (person(Role::Operator, 1), person(Role::Supervisor, 1));
    let start = |id: &str| Asked::StartBatch { unit: UNIT.to_owned(), batch: id.to_owned() };
    let phase = |id: &str| Asked::SetPhase { unit: UNIT.to_owned(), phase: id.to_owned() };
    let end = || Asked::EndBatch { unit: UNIT.to_owned() };
    let refused: [(_, _, &str); 6] = [
        (&operator, end(), "no batch runs"),
        (&operator, phase("expansion"), "no batch runs"),
        (&person(Role::Viewer, 1), start("LOT-0042"), "the role viewer may not"),
        (&operator, start("Mueller Anna"), "a person's name"),
        (&operator, start("LOT-1961-07-23"), "a date"),
        (&operator, Asked::EndBatch { unit: "BX-9".to_owned() }, "no unit BX-9"),
    ];
    for (person, what, reason) in refused {
        let refusal = site.ask(person, what.clone(), "").unwrap_or_default();
        assert!(refusal.contains(reason), "{what:?}: {refusal}");
    }
    assert_eq!(site.ask(&operator, start("LOT-0042"), ""), None);
    assert!(site.ask(&operator, start("LOT-0043"), "").is_some_and(|why| why.contains("runs")));
    site.run(60_000);
    let refusal = site.ask(&operator, phase("washing"), "").unwrap_or_default();
    assert!(refusal.contains("no phase washing"));
    assert_eq!(site.ask(&operator, phase("expansion"), ""), None);
    let refusal = site.ask(&operator, phase("activation"), "").unwrap_or_default();
    assert!(refusal.contains("only a supervisor"));
    assert_eq!(site.ask(&supervisor, phase("activation"), "bag changed"), None);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised"]);
    assert_eq!(site.ask(&operator, phase("expansion"), ""), None);
    assert_eq!(site.ask(&operator, end(), "harvested"), None);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised", "PHASE.ORDER returned"]);
    let changes: Vec<_> = batches(&site).into_iter().map(|(id, what, _)| (id, what)).collect();
    let lot = |what| ("LOT-0042".to_owned(), what);
    let expected =
        [lot("started"), lot("phase"), lot("phase"), lot("phase"), lot("ended"), lot("sealed")];
    assert_eq!(changes, expected);
    site.assert_replays();
}

#[test]
fn where_the_device_leads_nobody_else_does() {
    let mut site = led_by_device();
    let start = Asked::StartBatch { unit: UNIT.to_owned(), batch: String::new() };
    let refusal = site.ask(&person(Role::Supervisor, 1), start, "").unwrap_or_default();
    assert!(refusal.contains("says batch and phase itself"), "{refusal}");
}

#[test]
fn a_phase_begins_by_itself_where_the_master_file_says_when() {
    let mut file = file();
    file.phases[1].after_ms = Some(HOUR_MS + 60_000);
    let mut site = led_by_people(file.clone());
    let start = Asked::StartBatch { unit: UNIT.to_owned(), batch: String::new() };
    assert_eq!(site.ask(&person(Role::Operator, 1), start, ""), None);
    site.run(HOUR_MS);
    site.restart(false, file);
    site.run(30_000);
    assert_eq!(batches(&site).len(), 1);
    site.run(60_000);
    let last = batches(&site).pop().expect("a change");
    assert_eq!((last.1, last.2.as_deref()), ("phase", Some("expansion")));
    assert!(last.0.starts_with("BX-0-20260101-"), "the agent's own id: {}", last.0);
    assert_eq!(phase_alarms(&site), Vec::<String>::new());
    site.assert_replays();
}

/// Req: LAW-05
#[test]
fn no_batch_starts_under_an_expired_file_or_without_one() {
    let start = || Asked::StartBatch { unit: UNIT.to_owned(), batch: String::new() };
    let operator = person(Role::Operator, 1);
    let mut site = Site::of(setup_led_by_people(1));
    let refusal = site.ask(&operator, start(), "").unwrap_or_default();
    assert!(refusal.contains("no Master File is in force"));
    let mut file = file();
    file.expires = cellwatch_model::Utc(harness::EPOCH_NS + 60_000_000_000);
    let mut site = led_by_people(file);
    site.run(60_000);
    let refusal = site.ask(&operator, start(), "").unwrap_or_default();
    assert!(refusal.contains("has expired"), "{refusal}");
}

/// Req: BAT-04. A batch id must not name a patient, and a refused one is repeated nowhere.
#[test]
fn batch_ids_that_look_like_a_patient_are_refused() {
    let good = [
        "LOT-0042",
        "B0017",
        "CART-2026-017",
        "BX-0-20260101-0815",
        "EXP-7.2",
        "A1",
        "CD19-CAR-00017",
        "MF001-R12-2",
        "TCELL-2026-014",
        "ULM-B0007",
        "BATCH-TCELL-2026-014",
        "TCell-Run-12",
        "ROCKER-07-2026",
        "Rocker-7-B12",
        "MF-2019",
        "TCELL19",
        "B-260114",
    ];
    let bad = [
        "Anna Mueller",
        "mueller-anna",
        "Mueller_Anna_3",
        "Smith.John",
        "García López",
        "smith",
        "LOT-23.07.1961",
        "23.7.1961",
        "1961-07-23",
        "07/23/1961",
        "23.07.61",
        "19610723",
        "ANNA-MUELLER-1961",
        "MUELLER-ANNA-3",
        "muellerAnna-3",
        "AnnaMueller3",
        "Mueller-1961",
        "MUELLER.1961",
        "1961MUELLER",
        "Mueller61",
        "MUELLER-230761",
        "MUELLER-610723",
        "Lea-2019",
        "LOT19610723",
        "LOT-23071961",
        "BX-1-19610723-0815",
        "LOT 42",
        "LOT-42\u{e9}",
        "",
        &"9".repeat(65),
    ];
    for id in good {
        assert_eq!(check_batch_id("BX-0", id), Ok(()), "{id}");
    }
    for id in bad {
        let refusal = check_batch_id("BX-0", id).expect_err(id);
        assert!(id.len() < 3 || !refusal.contains(id), "{id} is repeated");
    }
    let mut site = led_by_people(file());
    let id = "Mueller-Anna-19610723";
    let start = Asked::StartBatch { unit: UNIT.to_owned(), batch: id.to_owned() };
    assert!(site.ask(&person(Role::Operator, 1), start, "").is_some());
    let holds = |payload: &[u8]| payload.windows(id.len()).any(|part| part == id.as_bytes());
    assert!(!site.payloads.values().any(|payload| holds(payload)), "it stands in no record");
    println!("batch ids: {} cases", good.len() + bad.len());
}

/// Req: LAW-02, LAW-08
#[test]
fn a_file_for_at_once_that_does_not_know_the_running_phase_calls() {
    let mut site = led_by_device();
    run(&mut site, &[(1, HOUR_MS + 60_000), (2, 60_000)]);
    assert_eq!(phase_alarms(&site), Vec::<String>::new());
    let without = |version| {
        let mut without = MasterFile { version, ..file() };
        without.phases.retain(|phase| phase.id != "expansion");
        without
    };
    site.input(Input::MasterFile(offer(without(3))));
    site.run(60_000);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised"]);
    let note = site.records().into_iter().rev().find_map(|record| match record.body {
        Body::Alarm(change) if change.alarm == "PHASE.ORDER" => change.comment,
        _ => None,
    });
    let note = note.expect("it says why");
    assert!(note.contains("expansion is no phase of the Master File, version 3"), "{note}");
    site.restart(true, without(3));
    site.run(60_000);
    assert_eq!(phase_alarms(&site).len(), 1, "a restart says nothing twice");
    site.input(Input::MasterFile(offer(without(4))));
    site.run(60_000);
    assert_eq!(phase_alarms(&site).len(), 1, "neither does another such file");
    site.input(Input::MasterFile(offer(MasterFile { version: 5, ..file() })));
    site.run(60_000);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised", "PHASE.ORDER returned"]);
    site.assert_replays();
}

/// Req: LAW-02, LAW-08
#[test]
fn a_phase_that_goes_unknown_after_a_wrong_order_calls_for_itself() {
    let mut site = led_by_device();
    run(&mut site, &[(2, 60_000)]);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised"], "begun in the middle");
    let mut without = MasterFile { version: 3, ..file() };
    without.phases.retain(|phase| phase.id != "expansion");
    site.input(Input::MasterFile(offer(without)));
    site.run(60_000);
    let expected = ["PHASE.ORDER raised", "PHASE.ORDER returned", "PHASE.ORDER raised"];
    assert_eq!(phase_alarms(&site), expected);
    site.assert_replays();
}

/// Req: LAW-02, LAW-08
#[test]
fn an_agent_that_comes_to_a_running_phase_that_the_file_does_not_know_calls() {
    let mut without = master_file(1);
    without.phases.retain(|phase| phase.id != "expansion");
    let mut site = Site::of(harness::setup(1));
    site.devices[0].phase(2);
    site.connect();
    site.input(Input::MasterFile(offer(without)));
    site.run(10_000);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised"]);
    site.devices[0].phase(1);
    site.run(10_000);
    assert_eq!(phase_alarms(&site), ["PHASE.ORDER raised", "PHASE.ORDER returned"]);
    site.assert_replays();
}
