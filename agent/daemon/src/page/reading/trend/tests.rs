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

/// Twelve days of two units, in several segments; one frame of the first is beyond its limit and raised an alarm.
fn journal(folder: &Path) {
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
    let mut say = |bodies: Vec<(Option<&str>, i64, Body)>| {
        let first_seq = chain.head().seq + 1;
        let last = first_seq + bodies.len() as u64 - 1;
        let records = bodies.into_iter().map(|(unit, at, body)| {
            let kind = body.kind();
            (kind, unit.map(str::to_owned), chain.append(common(unit, at), body).1)
        });
        let records = records.collect();
        assert!(writer.append(Append { first_seq, records, urgent: true }));
        while committed.recv().unwrap().last().unwrap().0 < last {}
    };
    say(vec![(Some("BX-01"), 0, configuration(0)), (Some("BX-02"), 0, configuration(0))]);
    for hour in 0..DAYS * 24 {
        let frames = hour * 120..(hour + 1) * 120;
        let both = frames.flat_map(|number| {
            let at = number * FRAME_MS;
            let is_high = number == EXCURSION;
            let mine = (Some("BX-01"), at, frame(at, if is_high { 39.0 } else { 37.0 }));
            let other = (Some("BX-02"), at, frame(at, 20.0));
            let alarm = is_high.then(|| (Some("BX-01"), at, raised(at)));
            [Some(mine), alarm, Some(other)].into_iter().flatten()
        });
        say(both.collect());
    }
    writer.end();
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
    let whole = trend(&path, &wanted).unwrap();
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
    let hour = trend(&path, &wanted).unwrap();
    let points = hour["points"].as_array().unwrap();
    assert!((120..=121).contains(&points.len()), "{}", points.len());
    assert_eq!((spread(points), hour["every"].as_u64()), (FRAME_MS, Some(1)));
    println!("trends of twelve days: 13 cases");
}
