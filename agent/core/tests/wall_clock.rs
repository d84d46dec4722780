//! The wall clock is set while everything goes on: nothing but what speaks of the clock notices.

mod harness;

use std::collections::BTreeSet;

use cellwatch_core::door::Input;
use cellwatch_model::{Clock, ClockSync};
use cellwatch_record::{Body, EventKind, Kind};
use harness::{Behaviour, Site};

const NS_IN_S: i64 = 1_000_000_000;
const STAGE_MS: u64 = 25_000;

/// What happened, by the monotonic clock: polls, alarms, frames, health and state records, lights, messages.
#[derive(Debug, PartialEq)]
struct Course {
    polls: Vec<u64>,
    alarms: Vec<(String, String, String, u64)>,
    frames: Vec<(u64, Vec<Vec<u32>>)>,
    records: Vec<(Kind, u64)>,
    lights: Vec<(u64, Vec<bool>)>,
}

/// A culture with an excursion, silence and a return; before each stage the wall clock is set so far, seconds.
fn course(sync: ClockSync, set_s: [i64; 6]) -> Course {
    let mut site = Site::judging(1);
    site.sync = sync;
    for (stage, set_s) in set_s.iter().enumerate() {
        site.wall_ns += set_s * NS_IN_S;
        // The clock is looked at each 5 s.
        for look in 0..STAGE_MS / 5_000 {
            site.input(Input::Clock(Clock { sync, error_bound_us: 0, offset_us: 0 }));
            match (stage, look) {
                (1, 2) => site.devices[0].temperature(39.0),
                (3, 1) => site.devices[0].behaviour = Behaviour::Silent,
                (4, 1) => site.devices[0].behaviour = Behaviour::Answers(4),
                (4, 3) => site.devices[0].temperature(37.0),
                _ => {}
            }
            site.run(5_000);
        }
    }
    let of_clock = |name: &str| name.starts_with("AGENT.CLOCK");
    let records = site.records();
    let frames = records.iter().filter_map(|record| match &record.body {
        Body::Telemetry(frame) => {
            let tracks = frame.tracks.iter().map(|track| track.0.clone()).collect();
            Some((frame.from.0 / 1_000_000, tracks))
        }
        Body::Alarm(_)
        | Body::Deviation(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Batch(_)
        | Body::Event(_)
        | Body::State(_)
        | Body::Health(_) => None,
    });
    let timed = records.iter().filter(|record| match &record.body {
        Body::Event(event) => !matches!(
            event.kind,
            EventKind::ClockStep
                | EventKind::ClockState
                | EventKind::ClockCorrected
                | EventKind::Condition
        ),
        Body::Alarm(alarm) => !of_clock(&alarm.alarm),
        // Frames are cut where the clock was set, so that each has one wall time: their readings are compared.
        Body::Telemetry(_) => false,
        Body::Deviation(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Batch(_)
        | Body::State(_)
        | Body::Health(_) => true,
    });
    let at =
        |record: &cellwatch_record::Record| (record.body.kind(), record.common.mono.0 / 1_000_000);
    Course {
        polls: site.requests.iter().map(|(at, _)| *at).collect(),
        alarms: site.alarms().into_iter().filter(|(_, name, ..)| !of_clock(name)).collect(),
        frames: frames.collect(),
        records: timed.map(at).collect(),
        lights: site.lights.iter().map(|(at, _, coils)| (*at, coils.clone())).collect(),
    }
}

/// Times of all readings: frames may be cut elsewhere.
fn readings(course: &Course) -> BTreeSet<u64> {
    let of_frame = |(from, tracks): &(u64, Vec<Vec<u32>>)| {
        let from = *from;
        let all: Vec<u32> = tracks.iter().flatten().copied().collect();
        all.into_iter().map(move |ms| from + u64::from(ms))
    };
    course.frames.iter().flat_map(of_frame).collect()
}

// Req: LAW-08, LAW-12
#[test]
fn no_interval_depends_on_the_wall_clock() {
    let mut cases = 0;
    for sync in [ClockSync::Simulated, ClockSync::Unsynchronised, ClockSync::Unknown] {
        let quiet = course(sync, [0; 6]);
        assert!(quiet.alarms.len() >= 4, "{:?}", quiet.alarms);
        assert!(quiet.records.iter().any(|(kind, _)| *kind == Kind::Health));
        for set_s in [
            [0, 7_200, -93_600, 5, 86_395, 0],
            [0, -1, -1, -1, -1, -1],
            [0, 86_400, 86_400, 86_400, 86_400, 86_400],
            [0, -86_400 * 365, 0, 86_400 * 365, 0, -3_600],
        ] {
            let set = course(sync, set_s);
            assert_eq!(set.polls, quiet.polls, "{sync} {set_s:?}: polls");
            assert_eq!(set.alarms, quiet.alarms, "{sync} {set_s:?}: alarms");
            assert_eq!(set.records, quiet.records, "{sync} {set_s:?}: records");
            assert_eq!(set.lights, quiet.lights, "{sync} {set_s:?}: lights");
            let (ours, theirs) = (readings(&set), readings(&quiet));
            // The last frame of either may still be open.
            let end = ours.last().min(theirs.last()).copied();
            let differ: Vec<&u64> =
                ours.symmetric_difference(&theirs).filter(|at| Some(**at) <= end).collect();
            assert!(differ.is_empty(), "{sync} {set_s:?}: readings at {differ:?}");
            assert!(ours.len() > 200);
            cases += 1;
        }
    }
    println!("the wall clock set: {cases} courses");
}
