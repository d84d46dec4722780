//! The wall clock jumps; nothing that is judged or timed does.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of value")]

use std::fs;
use std::time::Duration;

use cellwatch_record::{Body, Datum, EventKind, Kind, Record, bundle, decode};
use cellwatch_tests::{
    Cases, Device, FakeTime, MasterFile, Pymodbus, Rig, SiteFile, await_until, segments,
};
use rusqlite::{Connection, OpenFlags};

const NS: i64 = 1_000_000_000;
/// Steps of the wall clock, as faketime takes them, and seconds.
const STEPS: [(&str, i64); 4] = [("+7200", 7_200), ("-86400", -93_600), ("+5", 86_405), ("+0", -5)];
/// Frames after each step, of one second each.
const FRAMES: usize = 6;

/// All records in the agent's journal; it may run.
fn records(rig: &Rig) -> Vec<Record> {
    let mut records = Vec::new();
    for (_, segment) in segments(&rig.journal()) {
        let read = || -> rusqlite::Result<Vec<Vec<u8>>> {
            let database = Connection::open_with_flags(&segment, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            database.busy_timeout(Duration::from_secs(10))?;
            let mut statement = database.prepare("SELECT sealed FROM records ORDER BY seq")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        for sealed in read().expect("a segment") {
            let sealed =
                cellwatch_seal::open(&sealed).expect("a seal").untrusted_payload().to_vec();
            records.push(decode(&sealed).expect("a record"));
        }
    }
    records
}

fn frames(records: &[Record]) -> usize {
    records.iter().filter(|record| record.body.kind() == Kind::Telemetry).count()
}

fn steps(records: &[Record]) -> Vec<i64> {
    let step = |record: &Record| match &record.body {
        Body::Event(event) if event.kind == EventKind::ClockStep => {
            event.details.get("step_us").map(|datum| match datum {
                Datum::Integer(us) => us / 1_000_000,
                other => panic!("{other:?}"),
            })
        }
        _ => None,
    };
    records.iter().filter_map(step).collect()
}

// Req: LAW-08, LAW-12
#[test]
fn wall_clock() {
    let mut cases = Cases::of("wall_clock");
    assert!(!bundle::encode::<Vec<u8>>(&[]).is_empty());
    let rig = Rig::new();
    let device = Pymodbus::start(rig.path(), "every-type.json");
    let profile = fs::read_to_string(cellwatch_tests::folder("foreign").join("every-type.toml"))
        .expect("a profile");
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 1, // nobody listens: no certificate is judged by a clock that jumps
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());

    let clock = FakeTime::new(rig.path());
    let mut command = rig.agent_command();
    clock.give(&mut command);
    let agent = rig.start_agent(command);
    let wait = |what: &str, frames_then: usize, steps_then: usize| {
        await_until(what, Duration::from_secs(90), || {
            let here = records(&rig);
            if frames(&here) >= frames_then && steps(&here).len() >= steps_then {
                return Ok(here);
            }
            Err(format!("{} frames, steps {:?}\n{}", frames(&here), steps(&here), agent.log()))
        })
    };
    let mut count = frames(&wait("frames", FRAMES, 0));
    for (number, (offset, _)) in STEPS.iter().enumerate() {
        clock.set(offset);
        let here = wait(
            &format!("the step to {offset} s and frames after it"),
            count + FRAMES,
            number + 1,
        );
        count = frames(&here);
    }
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let all = records(&rig);

    for (seen, (_, expected)) in steps(&all).iter().zip(STEPS) {
        assert!((seen - expected).abs() <= 2, "{:?}", steps(&all));
    }
    cases.tried(format_args!("steps recorded, seconds: {:?}", steps(&all)));

    // Readings follow each other by the monotonic clock as if nothing had happened.
    let mut last = None;
    let mut longest_ms = 0;
    for record in &all {
        let Body::Telemetry(frame) = &record.body else { continue };
        if let Some(last) = last {
            longest_ms = frame.from.ms_since(last).max(longest_ms);
        }
        last = Some(frame.from);
    }
    assert!(longest_ms < 60_000, "{longest_ms} ms between two frames");
    let is = |kind: EventKind| {
        all.iter()
            .filter(|one| matches!(&one.body, Body::Event(event) if event.kind == kind))
            .count()
    };
    assert_eq!(is(EventKind::Gap), 0, "no poll was left out");
    assert_eq!(is(EventKind::ClockStep), STEPS.len());
    cases.tried(format_args!("{} frames, none missed a poll", frames(&all)));

    let raised = all.iter().filter(|one| {
        matches!(&one.body, Body::Alarm(alarm) if alarm.alarm == "AGENT.CLOCK-STEP" && alarm.transition == cellwatch_model::AlarmTransition::Raised)
    });
    assert!(raised.count() >= 1, "a step is an alarm");
    let went_back = all.windows(2).filter(|two| two[1].common.utc.0 + NS < two[0].common.utc.0);
    assert_eq!(went_back.count(), 2, "wall time goes back where a step says so, and nowhere else");
    assert!(all.windows(2).all(|two| two[0].common.mono <= two[1].common.mono));
    cases.tried("steps are alarmed; monotonic time never goes back");
}
