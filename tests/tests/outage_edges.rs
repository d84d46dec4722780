//! The edges of an outage: a device that counts is read ten times a second, first without a broker, then without a link.
//! Each number that it gave is at the Control Site, and each poll that was due is a reading or stands in a gap.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

use std::time::{Duration, Instant};

use cellwatch_model::Value;
use cellwatch_record::{Body, Datum, Event, EventKind, Record, decode};
use cellwatch_tests::{
    Cases, ControlSite, Counter, Device, MasterFile, Rig, SiteFile, await_until,
};
use rusqlite::types::Value as Sql;

/// How long each outage lasts.
const OUTAGE: Duration = Duration::from_secs(30);
const PERIOD_MS: u64 = 100;
/// Of the profile.
const TIMEOUT_MS: u64 = 1_000;
/// Index of the count in frames.
const COUNT: u16 = 0;
const MS: u64 = 1_000_000;

/// An outage lasts by its nature: that it does is what is awaited.
fn lasts(what: &str, outage: Duration) {
    let since = Instant::now();
    await_until(what, outage * 3, || {
        if since.elapsed() >= outage { Ok(()) } else { Err("it goes on") }
    });
}

fn records(control_site: &ControlSite) -> Vec<Record> {
    let rows = control_site.rows("SELECT sealed FROM records ORDER BY seq").into_iter();
    let records = rows.map(|row| match row.as_slice() {
        [Sql::Blob(sealed)] => {
            let opened = cellwatch_seal::open(sealed).expect("a seal");
            decode(opened.untrusted_payload()).expect("a record")
        }
        other => panic!("{other:?}"),
    });
    records.collect()
}

/// Readings of the count in their order: when, milliseconds, and the number if there is one.
fn readings(records: &[Record]) -> Vec<(u64, Option<i64>)> {
    let mut readings = Vec::new();
    for record in records {
        let Body::Telemetry(frame) = &record.body else { continue };
        for column in frame.columns.iter().filter(|column| column.parameter == COUNT) {
            for (index, sample) in column.samples.iter().enumerate() {
                let number = sample.value.as_ref().map(|value| match value {
                    Value::Integer(number) => *number,
                    other => panic!("{other:?}"),
                });
                assert_eq!(number.is_some(), sample.quality.is_good(), "{sample:?}");
                let at = frame.time_of(column, index).expect("each sample has a time");
                readings.push((at.0 / MS, number));
            }
        }
    }
    readings
}

/// Gaps that are over: from, to, milliseconds, and how many polls.
fn gaps(records: &[Record]) -> Vec<(u64, u64, u64)> {
    let number = |event: &Event, key: &str| match event.details.get(key) {
        Some(Datum::Integer(number)) => u64::try_from(*number).expect("a time or a count"),
        other => panic!("{key}: {other:?}"),
    };
    let over = records.iter().filter_map(|record| match &record.body {
        Body::Event(event)
            if event.kind == EventKind::Gap && event.details.contains_key("polls") =>
        {
            let (from, to) = (number(event, "from_mono_ns"), number(event, "to_mono_ns"));
            Some((from / MS, to / MS, number(event, "polls")))
        }
        _ => None,
    });
    over.collect()
}

// Req: LAW-02, LAW-03, LAW-07, DEL-01
#[test]
fn outage_edges() {
    let mut cases = Cases::of("outage_edges");
    let rig = Rig::new();
    let mut broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let counter = Counter::start();
    let profile = Counter::profile(u32::try_from(PERIOD_MS).expect("small"));
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &counter.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let agent = rig.agent();
    control_site.await_through(30);

    let before = counter.reads();
    broker.stop();
    lasts("the outage of the broker", OUTAGE);
    let without_broker = counter.reads() - before;
    broker.start_again();
    control_site.await_through(rig.last_seq());

    let cut_at = counter.reads();
    counter.cut(true);
    lasts("the outage of the link", OUTAGE);
    assert_eq!(counter.reads(), cut_at, "nothing is read over a cut link");
    counter.cut(false);
    await_until("readings after the outage", OUTAGE, || {
        let reads = counter.reads();
        if reads > cut_at + 50 { Ok(()) } else { Err(format!("{reads} reads")) }
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let given = i64::from(counter.reads());
    let (_, stopped) = control_site.await_event("stop", 0);
    control_site.await_through(stopped);

    let records = records(&control_site);
    let readings = readings(&records);
    let numbers: Vec<i64> = readings.iter().filter_map(|(_, number)| *number).collect();
    // The last answer may have come when polling had ended.
    let last = numbers.last().copied().expect("readings");
    assert!(last == given || last == given - 1, "the last of {given} numbers");
    let all: Vec<i64> = (1..=last).collect();
    assert_eq!(numbers, all, "each number that was given, once, in its order");
    assert!(u64::from(without_broker) * PERIOD_MS * 10 > 9 * 30_000, "{without_broker} reads");
    cases.tried_many(
        usize::try_from(without_broker).expect("small"),
        "a number given while the broker was away, at the Control Site",
    );

    let gaps = gaps(&records);
    let skipped: u64 = gaps.iter().map(|(.., polls)| polls).sum();
    let (first, last) = (readings[0].0, readings[readings.len() - 1].0);
    // Each due time is a period after the one before, whatever became of that; a reading's time is that of its answer.
    let due = (last - first + PERIOD_MS / 2) / PERIOD_MS + 1;
    let known = readings.len() as u64 + skipped;
    assert!(due.abs_diff(known) <= 1, "{due} polls were due, {known} are known: {gaps:?}");
    cases.tried(format_args!(
        "{due} polls were due: {} readings, {} without a value, and {skipped} in {} gaps",
        readings.len(),
        readings.iter().filter(|(_, number)| number.is_none()).count(),
        gaps.len()
    ));

    let is_last_before = |number: &Option<i64>| *number == Some(i64::from(cut_at));
    let place = readings.iter().position(|(_, number)| is_last_before(number));
    let place = place.expect("the last number before the link was cut");
    let after = readings[place + 1..].iter().position(|(_, number)| number.is_some());
    let back = place + 1 + after.expect("a number after it");
    let (before, after) = (readings[place].0, readings[back].0);
    assert!(after - before >= 29_000, "{} ms without a number", after - before);
    // What is said of this time: readings without a value, each of a poll that was due a timeout before at most, and gaps.
    let mut said: Vec<(u64, u64)> = readings[place + 1..back]
        .iter()
        .map(|(at, _)| (at.saturating_sub(TIMEOUT_MS), *at))
        .collect();
    said.extend(gaps.iter().map(|(from, to, _)| (*from, *to)));
    said.sort_unstable();
    let mut until = before;
    for (from, to) in said.into_iter().filter(|(from, to)| *to > before && *from < after) {
        assert!(from <= until + 2 * PERIOD_MS, "nothing is said of {until} to {from} ms");
        until = until.max(to);
    }
    assert!(after <= until + 2 * PERIOD_MS, "nothing is said of {until} to {after} ms");
    cases.tried(format_args!(
        "{} ms without a number, said to one poll of {PERIOD_MS} ms at both ends",
        after - before
    ));
}
