#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use cellwatch_core::door::Append;
use cellwatch_model::{
    AlarmTransition, IsaState, LimitKind, Mono, Priority, Quality, Utc, Value as Reading,
};
use cellwatch_record::{
    AlarmChange, Body, Chain, Column, Common, Datum, Event, EventKind, Frame, Hash, Identity,
    Sample, Track,
};
use cellwatch_seal::{Sealer as _, SealingKey};

use super::*;
use crate::journal::{Known, Reserve, Told, Writer, WriterSettings, open};

const DAYS: i64 = 12;
const FRAME_MS: i64 = 30_000;
/// The excursion lasts for one frame among tens of thousands.
const EXCURSION: i64 = 17_123;

fn common(unit: Option<&str>, at_ms: i64) -> Common {
    Common {
        identity: Identity { agent: String::new(), journal: Default::default(), seq: 0 },
        prev: Hash::NONE,
        boot: 1,
        utc: Utc(at_ms * 1_000_000),
        mono: Mono((at_ms * 1_000_000).cast_unsigned()),
        clock: Default::default(),
        master_file: 0,
        unit: unit.map(str::to_owned),
        batch: None,
        phase: None,
    }
}

fn frame(at_ms: i64, value: f64) -> Body {
    let sample = Sample {
        value: Some(Reading::Number(value)),
        quality: Quality::Good,
        raw: [1].as_slice().into(),
        stamp: None,
    };
    let column = Column { parameter: 7, decimals: 2, track: 0, samples: vec![sample] };
    let from = Mono((at_ms * 1_000_000).cast_unsigned());
    Body::Telemetry(Frame { from, tracks: vec![Track(vec![0])], columns: vec![column] })
}

fn configuration(at_ms: i64) -> Body {
    let parameter = vec![
        Datum::Integer(7),
        Datum::Text("TEMP.PV".to_owned()),
        Datum::Text("°C".to_owned()),
        Datum::Integer(2),
    ];
    let list = Datum::List(vec![Datum::List(parameter)]);
    Body::Event(Event {
        kind: EventKind::Configuration,
        at: Mono((at_ms * 1_000_000).cast_unsigned()),
        text: "configuration".to_owned(),
        details: [("parameters".to_owned(), list)].into(),
    })
}

fn raised(at_ms: i64) -> Body {
    Body::Alarm(AlarmChange {
        alarm: "TEMP.HH".to_owned(),
        source: "TEMP.PV".to_owned(),
        kind: LimitKind::HighHigh,
        transition: AlarmTransition::Raised,
        state: IsaState::Unacknowledged,
        priority: Priority::High,
        occurrence: 1,
        at: Mono((at_ms * 1_000_000).cast_unsigned()),
        value: Some(39.0),
        limit: Some(38.0),
        quality: Quality::Good,
        person: None,
        comment: None,
        regions: 1,
        until: None,
    })
}

type Entry = (Option<&'static str>, i64, Body);

/// A journal of these records, each group durable before the next.
fn written(folder: &Path, groups: impl IntoIterator<Item = Vec<Entry>>) {
    let key = Arc::new(SealingKey::generate().unwrap().0);
    let path = folder.join("journal");
    let opened = open(&path, "agent-1", &key.public().into(), Known::default()).unwrap();
    let mut chain = Chain::new("agent-1".to_owned(), opened.head);
    let settings = WriterSettings {
        folder: path,
        agent: "agent-1".to_owned(),
        segment_bytes: 4 << 20,
        commit_delay: Duration::ZERO,
    };
    let (durable, committed) = channel();
    let tell = move |told| {
        if let Told::Durable(records) = told {
            durable.send(records).unwrap();
        }
    };
    let reserve = Reserve::of(folder, 1 << 20);
    let writer = Writer::start(settings, opened, Some(key), reserve, tell).unwrap();
    for bodies in groups {
        let first_seq = chain.head().seq + 1;
        let last = first_seq + bodies.len() as u64 - 1;
        let records = bodies.into_iter().map(|(unit, at, body)| {
            let kind = body.kind();
            (kind, unit.map(str::to_owned), chain.append(common(unit, at), body).1)
        });
        let records = records.collect();
        assert!(writer.append(Append { first_seq, records, urgent: true }));
        while committed.recv().unwrap().last().unwrap().0 < last {}
    }
    writer.end();
}

/// Twelve days of two units, in several segments; one frame of the first is beyond its limit and raised an alarm.
fn journal(folder: &Path) {
    let begin = vec![(Some("BX-01"), 0, configuration(0)), (Some("BX-02"), 0, configuration(0))];
    let hours = (0..DAYS * 24).map(|hour| {
        let frames = hour * 120..(hour + 1) * 120;
        let both = frames.flat_map(|number| {
            let at = number * FRAME_MS;
            let is_high = number == EXCURSION;
            let mine = (Some("BX-01"), at, frame(at, if is_high { 39.0 } else { 37.0 }));
            let other = (Some("BX-02"), at, frame(at, 20.0));
            let alarm = is_high.then(|| (Some("BX-01"), at, raised(at)));
            [Some(mine), alarm, Some(other)].into_iter().flatten()
        });
        both.collect()
    });
    written(folder, [begin].into_iter().chain(hours));
}

fn event(kind: EventKind, at_ms: i64, details: &[(&str, Datum)]) -> Body {
    let details = details.iter().map(|(name, datum)| ((*name).to_owned(), datum.clone()));
    Body::Event(Event {
        kind,
        at: Mono((at_ms * 1_000_000).cast_unsigned()),
        text: format!("{kind:?}"),
        details: details.collect(),
    })
}

const HOUR_MS: i64 = 3_600_000;

/// Seven hours: in the second the disk was full, in the fourth the agent was away, in the sixth the sensor was.
fn with_gaps(folder: &Path) {
    let hour = |hour: i64| {
        let at = move |number: i64| hour * HOUR_MS + number * FRAME_MS;
        (0..120).map(|number| (Some("BX-01"), at(number), frame(at(number), 37.0))).collect()
    };
    let ns = |hours: i64| Datum::from(hours * HOUR_MS * 1_000_000);
    let open = event(
        EventKind::Loss,
        HOUR_MS,
        &[("open", Datum::Bool(true)), ("count", Datum::from(0u64)), ("from_mono_ns", ns(1))],
    );
    let loss = event(
        EventKind::Loss,
        2 * HOUR_MS,
        &[
            ("open", Datum::Bool(false)),
            ("count", Datum::from(7200u64)),
            ("from_mono_ns", ns(1)),
            ("to_mono_ns", ns(2)),
        ],
    );
    // Nothing was lost of what the disk refused for a moment.
    let nothing = event(
        EventKind::Loss,
        2 * HOUR_MS + 90_000,
        &[
            ("open", Datum::Bool(false)),
            ("count", Datum::from(0u64)),
            ("from_mono_ns", ns(2)),
            ("to_mono_ns", ns(3)),
        ],
    );
    let away = event(
        EventKind::Gap,
        4 * HOUR_MS,
        &[
            ("cause", Datum::from("agent-away")),
            // Of another boot of the machine.
            ("from_mono_ns", Datum::from(5u64)),
            ("from_utc_ns", ns(3)),
            ("to_mono_ns", ns(4)),
        ],
    );
    let sensor = event(
        EventKind::Gap,
        6 * HOUR_MS,
        &[
            ("parameters", Datum::List(vec![Datum::from("TEMP.PV")])),
            ("from_mono_ns", ns(5)),
            ("to_mono_ns", ns(6)),
        ],
    );
    let groups = vec![
        vec![(Some("BX-01"), 0, configuration(0))],
        hour(0),
        vec![(None, HOUR_MS, open), (None, 2 * HOUR_MS, loss)],
        hour(2),
        vec![
            (None, 2 * HOUR_MS + 90_000, nothing),
            (None, 4 * HOUR_MS, event(EventKind::Start, 4 * HOUR_MS, &[])),
            (Some("BX-01"), 4 * HOUR_MS, configuration(4 * HOUR_MS)),
            (Some("BX-01"), 4 * HOUR_MS, away),
        ],
        hour(4),
        vec![(Some("BX-01"), 6 * HOUR_MS, sensor)],
        hour(6),
    ];
    written(folder, groups);
}

/// What the journal does not hold was judged by nobody knows whom; from its first frame on it tells.
// Req: PAGE-05, PAGE-53
#[test]
fn a_time_before_the_first_frame_is_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let hour = (0..120).map(|number| HOUR_MS + number * FRAME_MS);
    let frames = hour.map(|at| (Some("BX-01"), at, frame(at, 37.0))).collect();
    written(dir.path(), [vec![(Some("BX-01"), HOUR_MS, configuration(HOUR_MS))], frames]);
    let by = |from_ms: i64| {
        let wanted = TrendWanted {
            unit: "BX-01".to_owned(),
            parameter: "TEMP.PV".to_owned(),
            from_ms,
            to_ms: 2 * HOUR_MS,
            frame_ms: FRAME_MS.cast_unsigned(),
        };
        let (_, stretches) = trend(&dir.path().join("journal"), &wanted).unwrap();
        let bands = super::super::judged::bands(&stretches, None, "TEMP.PV");
        let each = bands.as_array().unwrap().iter();
        each.map(|one| (one["to_ms"].as_i64().unwrap(), one["by"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let none = (2 * HOUR_MS, "none".to_owned());
    assert_eq!(by(0), [(HOUR_MS, "unknown".to_owned()), none.clone()]);
    assert_eq!(by(HOUR_MS), std::slice::from_ref(&none), "its first frame begins then");
    assert_eq!(by(HOUR_MS + 5 * FRAME_MS), [none]);
    println!("before the first frame: 3 cases");
}

/// A full disk, an agent that was away, and a silent sensor: each breaks the line from where it began, and is named with its ends.
// Req: PAGE-05, PAGE-53, LAW-04
#[test]
fn gaps_are_gaps() {
    let dir = tempfile::tempdir().unwrap();
    with_gaps(dir.path());
    let path = dir.path().join("journal");
    let mut wanted = TrendWanted {
        unit: "BX-01".to_owned(),
        parameter: "TEMP.PV".to_owned(),
        from_ms: 0,
        to_ms: 7 * HOUR_MS,
        frame_ms: FRAME_MS.cast_unsigned(),
    };
    let whole = trend(&path, &wanted).unwrap().0;
    let points = whole["points"].as_array().unwrap();
    let lines = points.windows(2).filter(|pair| pair.iter().all(|point| point[1].is_number()));
    let long =
        lines.filter(|pair| pair[1][0].as_i64() > pair[0][0].as_i64().map(|at| at + 2 * FRAME_MS));
    assert_eq!(long.count(), 0, "no line crosses a time without readings");
    let ends = |from: i64, to: i64| (from * HOUR_MS, to * HOUR_MS);
    let named = |trend: &Json| -> Vec<(i64, i64)> {
        let gaps = trend["gaps"].as_array().unwrap().iter();
        gaps.map(|gap| (gap["from_ms"].as_i64().unwrap(), gap["to_ms"].as_i64().unwrap())).collect()
    };
    assert_eq!(named(&whole), [ends(1, 2), ends(3, 4), ends(5, 6)]);
    for hour in [1, 3, 5] {
        let breaks = points.iter().any(|point| point[0] == hour * HOUR_MS && point[1].is_null());
        assert!(breaks, "hour {hour}");
    }
    let none = points.iter().filter(|point| point[1].is_null()).count();
    assert_eq!(none, 4, "three gaps, and the start");

    // From the middle of the gap on: it is cut where the range begins.
    wanted.from_ms = HOUR_MS * 7 / 2;
    let half = trend(&path, &wanted).unwrap().0;
    assert_eq!(named(&half)[0], (HOUR_MS * 7 / 2, 4 * HOUR_MS));
    println!("gaps in trends: 8 cases");
}

// Req: PAGE-05, LAW-10
#[test]
fn twelve_days_are_sampled_and_an_excursion_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path());
    let path = dir.path().join("journal");
    let mut wanted = TrendWanted {
        unit: "BX-01".to_owned(),
        parameter: "TEMP.PV".to_owned(),
        from_ms: 0,
        to_ms: DAYS * 86_400_000,
        frame_ms: FRAME_MS.cast_unsigned(),
    };
    let (whole, _) = trend(&path, &wanted).unwrap();
    let points = whole["points"].as_array().unwrap();
    let frames = DAYS * 86_400_000 / FRAME_MS;
    assert!(points.len() > 2_000, "{}", points.len());
    let most = usize::try_from(FRAMES_MAX).unwrap() + AT_ALARMS_MAX;
    assert!(points.len() <= most && most * 5 < usize::try_from(frames).unwrap());
    assert!(points.iter().all(|point| point[1] == 37.0 || point[1] == 39.0), "no other unit's");
    let excursion = points.iter().find(|point| point[1] == 39.0).expect("it is not lost");
    assert_eq!(excursion[0], EXCURSION * FRAME_MS);
    assert_eq!(whole["alarms"][0]["at_ms"], EXCURSION * FRAME_MS);
    assert_eq!(
        (whole["unit_of_measure"].as_str(), whole["decimals"].as_u64()),
        (Some("°C"), Some(2))
    );
    assert!(whole["every"].as_u64().unwrap() >= 10);
    let spread = |points: &[Json]| {
        let times: Vec<i64> = points.iter().map(|point| point[0].as_i64().unwrap()).collect();
        assert!(times.is_sorted());
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
    };
    assert!(spread(points) <= 40 * FRAME_MS, "evenly spread: {}", spread(points));

    // Of an hour every frame is read; the configuration stands eight days before.
    wanted.from_ms = 8 * 86_400_000;
    wanted.to_ms = wanted.from_ms + 3_600_000;
    let (hour, _) = trend(&path, &wanted).unwrap();
    let points = hour["points"].as_array().unwrap();
    assert!((120..=121).contains(&points.len()), "{}", points.len());
    assert_eq!((spread(points), hour["every"].as_u64()), (FRAME_MS, Some(1)));
    println!("trends of twelve days: 13 cases");
}
