//! Alarm metrics: floods, chattering, fleeting, stale, time to acknowledge; what counts and what does not.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use std::collections::BTreeMap;

use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_record::{Body, Datum, Event, EventKind, Record};
use harness::{Site, master_file, offer, person};

/// A site of so many units whose TEMP.HH needs no acknowledgement comment.
fn site(units: usize) -> Site {
    let mut site = Site::judging(units);
    let mut file = master_file(2);
    for alarm in &mut file.alarms {
        alarm.comment_required = false;
        alarm.shelve_max_ms = Some(1_800_000);
    }
    site.input(Input::MasterFile(offer(file)));
    site.run(5_000);
    site
}

fn health(site: &Site) -> BTreeMap<String, Datum> {
    let figures = |record: Record| match record.body {
        Body::Health(health) => Some(health.figures),
        _ => None,
    };
    site.records().into_iter().rev().find_map(figures).expect("every 30 s")
}

fn figure(site: &Site, name: &str) -> i64 {
    match health(site).get(name) {
        Some(Datum::Integer(number)) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

fn floods(site: &Site) -> Vec<Event> {
    let flood = |record: Record| match record.body {
        Body::Event(event) if event.kind == EventKind::AlarmFlood => Some(event),
        _ => None,
    };
    site.records().into_iter().filter_map(flood).collect()
}

fn of_alarm(unit: usize, request: Request) -> Asked {
    Asked::OfAlarm { unit: Some(format!("BX-{unit}")), alarm: "TEMP.HH".to_owned(), request }
}

#[test]
fn a_flood_begins_above_ten_in_ten_minutes_and_ends_below_five() {
    let mut site = site(11);
    for unit in 0..10 {
        site.devices[unit].temperature(38.5);
    }
    site.run(60_000);
    assert_eq!(floods(&site).len(), 0, "ten are none");
    site.run(60_000);
    site.devices[10].temperature(38.5);
    site.run(2_000);
    let began = floods(&site);
    assert_eq!(began.len(), 1);
    assert_eq!(began[0].details["started"], Datum::Bool(true));
    assert_eq!(began[0].details["in_10_min"], Datum::Integer(11));
    site.run(470_000);
    assert_eq!(floods(&site).len(), 1);
    site.run(40_000);
    let over = floods(&site);
    assert_eq!(over.len(), 2, "the first ten are older than ten minutes");
    assert_eq!(over[1].details["started"], Datum::Bool(false));
    site.run(40_000);
    assert_eq!(figure(&site, "alarms.month.floods"), 1);
    assert!(figure(&site, "alarms.month.in_flood_s") >= 470);
    assert_eq!(figure(&site, "alarms.month.most_in_10_min"), 11);
}

#[test]
fn only_new_annunciations_count() {
    let mut site = site(1);
    let operator = person(Role::Operator, 1);
    site.devices[0].temperature(38.5);
    site.run(20_000);
    assert_eq!(site.ask(&operator, of_alarm(0, Request::Acknowledge), "seen"), None);
    let shelve = Request::Shelve { one_shot: false, for_ms: 60_000 };
    assert_eq!(site.ask(&operator, of_alarm(0, shelve), "probe out"), None);
    site.run(40_000);
    assert_eq!(figure(&site, "alarms.month.annunciated"), 1, "the explained alert is none");
    site.run(60_000);
    assert_eq!(figure(&site, "alarms.month.annunciated"), 2, "back from the shelf it calls again");
    assert_eq!(site.ask(&operator, of_alarm(0, Request::Acknowledge), "seen"), None);
    site.devices[0].temperature(37.0);
    site.run(60_000);
    assert_eq!(figure(&site, "alarms.month.annunciated"), 2);
    assert_eq!(figure(&site, "alarms.month.high"), 2);
    assert_eq!(figure(&site, "alarms.month.medium"), 0);
}

#[test]
fn chattering_and_fleeting_are_told_apart() {
    let mut site = site(2);
    for _ in 0..4 {
        site.devices[0].temperature(38.5);
        site.run(4_000);
        site.devices[0].temperature(37.0);
        site.run(4_000);
    }
    site.devices[1].temperature(38.5);
    site.run(4_000);
    site.devices[1].temperature(37.0);
    site.run(120_000);
    assert_eq!(figure(&site, "alarms.month.chattering"), 1, "one episode");
    assert_eq!(figure(&site, "alarms.month.fleeting"), 2, "the last of the one, and the other");
    let Some(Datum::List(top)) = health(&site).get("alarms.month.most_frequent").cloned() else {
        panic!("a list")
    };
    let first = Datum::List(vec![Datum::from("BX-0/TEMP.HH"), Datum::Integer(4)]);
    assert_eq!(top[0], first);
}

#[test]
fn the_time_to_acknowledge_is_measured() {
    let mut site = site(2);
    let operator = person(Role::Operator, 1);
    for (unit, after_ms) in [(0, 60_000), (1, 180_000)] {
        site.devices[unit].temperature(38.5);
        site.run(after_ms);
        assert_eq!(site.ask(&operator, of_alarm(unit, Request::Acknowledge), "seen"), None);
    }
    site.run(30_000);
    assert_eq!(figure(&site, "alarms.month.acknowledged"), 2);
    assert!((118..=121).contains(&figure(&site, "alarms.month.time_to_acknowledge_mean_s")));
    assert!((178..=181).contains(&figure(&site, "alarms.month.time_to_acknowledge_most_s")));
}

#[test]
fn batches_are_counted_apart_and_counts_survive_a_restart() {
    let mut site = site(1);
    site.devices[0].phase(1);
    site.run(2_000);
    site.devices[0].temperature(38.5);
    site.run(60_000);
    assert_eq!(figure(&site, "BX-0.alarms.batch.annunciated"), 1);
    site.restart(false, master_file(2));
    let seen = of_alarm(0, Request::Acknowledge);
    assert_eq!(site.ask(&person(Role::Operator, 1), seen, "heater off"), None);
    site.devices[0].temperature(37.0);
    site.run(20_000);
    site.devices[0].temperature(38.5);
    site.run(60_000);
    assert_eq!(figure(&site, "BX-0.alarms.batch.annunciated"), 2, "the one before counts");
    assert_eq!(figure(&site, "alarms.month.annunciated"), 2);
    site.devices[0].temperature(37.0);
    site.run(20_000);
    site.devices[0].phase(0);
    site.run(60_000);
    site.devices[0].phase(1);
    site.run(20_000);
    site.devices[0].temperature(38.5);
    site.run(60_000);
    assert_eq!(figure(&site, "BX-0.alarms.batch.annunciated"), 1, "another batch");
    let before = figure(&site, "alarms.month.annunciated");
    assert!(before >= 3, "{before}");
    assert!(!site.metrics.contains("batch"), "metrics tell of no batch: {}", site.metrics);
    let month = health(&site).get("alarms.month").cloned();
    assert_eq!(month, Some(Datum::from("2026-01")));
}

#[test]
fn what_stands_for_a_day_is_stale() {
    let mut site = site(1);
    site.devices[0].temperature(38.5);
    site.run(23 * 3_600_000);
    assert_eq!(figure(&site, "alarms.stale"), 0);
    site.run(2 * 3_600_000);
    assert_eq!(figure(&site, "alarms.stale"), 1);
}

#[test]
fn what_stands_and_a_flood_go_on_through_a_power_cut() {
    let mut stale = site(1);
    stale.devices[0].temperature(38.5);
    stale.run(20 * 3_600_000);
    stale.restart(false, master_file(2));
    stale.run(5 * 3_600_000);
    assert_eq!(figure(&stale, "alarms.stale"), 1, "it stands for 25 hours");
    let seen = of_alarm(0, Request::Acknowledge);
    assert_eq!(stale.ask(&person(Role::Operator, 1), seen, "heater off"), None);
    stale.run(40_000);
    assert!(figure(&stale, "alarms.month.time_to_acknowledge_most_s") >= 25 * 3_600 - 60);

    let mut flooded = site(12);
    for unit in 0..12 {
        flooded.devices[unit].temperature(38.5);
    }
    flooded.run(60_000);
    assert_eq!(floods(&flooded).len(), 1, "it began");
    flooded.restart(true, master_file(2));
    flooded.run(40_000);
    assert_eq!(health(&flooded)["alarms.flood"], Datum::Bool(true), "it goes on");
    flooded.run(600_000);
    let over = floods(&flooded);
    assert_eq!(over.len(), 2, "it began once and ended once");
    assert_eq!(over[1].details["started"], Datum::Bool(false));
    assert_eq!(figure(&flooded, "alarms.month.floods"), 1);
}

#[test]
fn a_flood_counts_in_the_batches_that_run_through_it() {
    for restarts in [false, true] {
        let mut site = site(12);
        site.devices[0].phase(1);
        site.run(2_000);
        for unit in 0..12 {
            site.devices[unit].temperature(38.5);
        }
        site.run(2_000);
        assert_eq!(floods(&site).len(), 1, "it began");
        // One batch ends in the flood, another one begins in it.
        site.run(98_000);
        site.devices[0].phase(0);
        site.devices[1].phase(1);
        site.run(2_000);
        if restarts {
            site.restart(true, master_file(2));
        }
        site.run(100_000);
        if restarts {
            site.restart(true, master_file(2));
        }
        site.run(600_000);
        assert_eq!(floods(&site).len(), 2, "it is over");
        assert_eq!(figure(&site, "BX-0.alarms.batch.floods"), 1);
        let in_flood = figure(&site, "BX-0.alarms.batch.in_flood_s");
        assert!((95..=105).contains(&in_flood), "{in_flood}");
        assert_eq!(figure(&site, "BX-1.alarms.batch.floods"), 1);
        let in_flood = figure(&site, "BX-1.alarms.batch.in_flood_s");
        let in_month = figure(&site, "alarms.month.in_flood_s");
        assert!((in_month - 105..=in_month - 95).contains(&in_flood), "{in_flood} of {in_month}");
        assert!(!health(&site).contains_key("BX-2.alarms.batch.floods"), "no batch ran there");
    }
}
