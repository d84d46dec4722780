//! While the agent is not there nobody polls: the next start says of each unit from when to when.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use cellwatch_record::{Body, Datum, Event, EventKind, Record};
use harness::{Site, master_file};

const MS: u64 = 1_000_000;

fn away(records: &[Record]) -> Vec<(String, Event)> {
    let gaps = records.iter().filter_map(|record| match &record.body {
        Body::Event(event)
            if event.kind == EventKind::Gap
                && event.details["cause"] == Datum::from("agent-away") =>
        {
            Some((record.common.unit.clone()?, event.clone()))
        }
        _ => None,
    });
    gaps.collect()
}

fn number(event: &Event, key: &str) -> u64 {
    match event.details[key] {
        Datum::Integer(number) => u64::try_from(number).expect("a time"),
        ref other => panic!("{key}: {other:?}"),
    }
}

/// When the last reading of a unit before the start with number `boot` was taken.
fn last_reading(records: &[Record], unit: &str, boot: u32) -> u64 {
    let frames = records.iter().filter_map(|record| match &record.body {
        Body::Telemetry(frame)
            if record.common.unit.as_deref() == Some(unit) && record.common.boot < boot =>
        {
            let last = frame.tracks.iter().filter_map(|track| track.0.last()).max();
            Some(frame.from.0 + u64::from(*last.expect("readings")) * MS)
        }
        _ => None,
    });
    frames.max().expect("a frame")
}

/// Req: LAW-02, LAW-04, AUD-01
#[test]
fn a_start_says_of_each_unit_since_when_it_was_not_watched() {
    let mut site = Site::judging(3);
    assert!(away(&site.records()).is_empty(), "before the first start nothing was watched");
    // Killed in the middle of a frame, and again before the first one.
    for (boot, ms) in [(2, 23_450), (3, 40), (4, 3_700_000)] {
        let before = away(&site.records()).len();
        site.run(ms);
        site.restart(true, master_file(1));
        site.run(10);
        let records = site.records();
        let gaps = &away(&records)[before..];
        assert_eq!(gaps.len(), 3, "one for each unit: {gaps:?}");
        for (unit, gap) in gaps {
            let (from, to) = (number(gap, "from_mono_ns"), number(gap, "to_mono_ns"));
            assert!(gap.text.contains("ended without being told to"), "{}", gap.text);
            assert_eq!(number(gap, "from_boot"), u64::from(boot) - 1);
            let last = last_reading(&records, unit, boot);
            let state = records.iter().filter(|record| {
                record.common.boot < boot && matches!(record.body, Body::State(_))
            });
            let state = state.map(|record| record.common.mono.0).max().expect("a state");
            assert_eq!(from, last.max(state), "{unit}, boot {boot}: {}", gap.text);
            let lost = records.iter().any(|record| {
                matches!(&record.body, Body::Telemetry(frame) if record.common.unit.as_ref() == Some(unit)
                    && (from..to).contains(&(frame.from.0 - 1)))
            });
            assert!(to > from && !lost, "nothing is recorded of {unit} meanwhile");
        }
    }
    site.assert_replays();
}

/// Req: AUD-01
#[test]
fn a_machine_that_was_started_anew_and_a_clean_end_are_told_apart() {
    let mut site = Site::judging(1);
    site.run(20_000);
    site.restart(false, master_file(1));
    site.run(10);
    let said = away(&site.records());
    let (_, gap) = said.last().expect("a gap");
    assert!(
        gap.text.contains("since 2026-01-01") && gap.text.contains("started anew"),
        "{}",
        gap.text
    );
    assert_eq!(gap.details["same_machine_boot"], Datum::Bool(false));
    site.run(20_000);
    site.input(cellwatch_core::door::Input::Stop);
    site.restart(true, master_file(1));
    site.run(10);
    let said = away(&site.records());
    let (_, gap) = said.last().expect("a gap");
    assert!(gap.text.contains("was stopped"), "{}", gap.text);
    assert_eq!(gap.details["stopped"], Datum::Bool(true));
}
