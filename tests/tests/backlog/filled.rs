//! A journal with as many records as weeks without a broker leave, written by the agent's own journal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cellwatch_core::door::Append;
use cellwatch_daemon::journal::{self, Known, Reserve, Told, Writer, WriterSettings};
use cellwatch_model::{Clock, ClockSync, Mono, Quality, Utc, Value};
use cellwatch_record::{
    Body, Chain, Column, Common, Frame, Hash, Health, Identity, Sample, State, Track,
};
use cellwatch_seal::{Sealer as _, key_file};
use cellwatch_tests::{AGENT, Rig};

/// Records of one append; each is durable before the next.
const AT_ONCE: u64 = 4_096;
/// A state each hour and a health record each 30 s, as an agent with a frame a second has them.
const STATE_EVERY: u64 = 3_600;
const HEALTH_EVERY: u64 = 30;
const SECOND_NS: i64 = 1_000_000_000;

/// Adds `count` records, a second apart until now, to the journal that an agent has left. Gives the last number.
pub(crate) fn fill(rig: &Rig, unit: &str, count: u64) -> u64 {
    let key = key_file::read(&rig.site().join("seal.pk8")).expect("the agent's key");
    let opened = journal::open(&rig.journal(), AGENT, &key.public().into(), Known::default());
    let opened = opened.expect("the agent's journal");
    let mut chain = Chain::new(AGENT.to_owned(), opened.head);
    let last = opened.head.seq + count;
    let settings = WriterSettings {
        folder: rig.journal(),
        agent: AGENT.to_owned(),
        segment_bytes: 64 << 20,
        commit_delay: Duration::ZERO,
    };
    let (tell, told) = sync_channel(64);
    let reserve = Reserve::of(&rig.site().join("data"), 8 << 20);
    let writer = Writer::start(settings, opened, Some(Arc::new(key)), reserve, move |what| {
        if let Told::Durable(records) = what {
            let _ = tell.send(records.last().map_or(0, |(seq, _)| *seq));
        }
    });
    let writer = writer.expect("a thread");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let now = i64::try_from(now).expect("before 2262");
    let mut number = 0;
    while number < count {
        let first_seq = chain.head().seq + 1;
        let here = AT_ONCE.min(count - number);
        let records = (number..number + here).map(|number| {
            let body = body(number);
            let is_of_a_unit = matches!(body, Body::Telemetry(_));
            let of = is_of_a_unit.then(|| unit.to_owned());
            let age_s = i64::try_from(count - number).expect("small");
            let kind = body.kind();
            let (_, payload) =
                chain.append(common(of.clone(), now - age_s * SECOND_NS, number), body);
            (kind, of, payload)
        });
        let records = records.collect();
        assert!(writer.append(Append { first_seq, records, urgent: true }));
        let end = first_seq + here - 1;
        while told.recv().expect("the writer goes on") < end {}
        number += here;
    }
    writer.end();
    last
}

fn common(unit: Option<String>, utc_ns: i64, second: u64) -> Common {
    Common {
        identity: Identity::default(),
        prev: Hash::NONE,
        boot: 1,
        utc: Utc(utc_ns),
        mono: Mono(second * 1_000_000_000),
        clock: Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 },
        master_file: 0,
        unit,
        batch: None,
        phase: None,
    }
}

fn body(second: u64) -> Body {
    if second.is_multiple_of(STATE_EVERY) {
        return Body::State(State::default());
    }
    if second.is_multiple_of(HEALTH_EVERY) {
        return Body::Health(Health { figures: BTreeMap::new() });
    }
    let count = i64::try_from(second).expect("small");
    let sample = |value: Value, raw: Vec<u16>| Sample {
        value: Some(value),
        quality: Quality::Good,
        raw: raw.into(),
        stamp: None,
    };
    let column = |parameter: u16, decimals: u8, sample: Sample| Column {
        parameter,
        decimals,
        track: 0,
        samples: vec![sample],
    };
    let words = |number: i64| {
        vec![
            u16::try_from(number >> 16 & 0xffff).unwrap_or(0),
            u16::try_from(number & 0xffff).unwrap_or(0),
        ]
    };
    Body::Telemetry(Frame {
        from: Mono(second * 1_000_000_000),
        tracks: vec![Track(vec![0])],
        columns: vec![
            column(0, 0, sample(Value::Integer(count), words(count))),
            column(1, 2, sample(Value::Number(37.0), vec![3_700])),
        ],
    })
}
