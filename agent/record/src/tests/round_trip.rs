//! What is written is read again, the same.

use cellwatch_model::{AlarmTransition, IsaState, LimitKind, Priority};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{generate, samples};
use crate::{Body, Datum, EventKind, Kind, Record, decode, encode, peek_identity};

const CASES: u32 = 256;

#[test]
fn any_record_of_each_kind_is_read_again_the_same() {
    for kind in Kind::ALL {
        let mut runner = TestRunner::new(Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        });
        let same = |record: Record| {
            let payload = encode(&record);
            let identity = record.common.identity.clone();
            let peeked = peek_identity(&payload).unwrap();
            prop_assert_eq!(peeked, (identity, record.common.prev, kind));
            let decoded = decode(&payload);
            prop_assert_eq!(decoded.as_ref(), Ok(&record));
            prop_assert_eq!(encode(&decoded.unwrap()), payload);
            Ok(())
        };
        runner.run(&generate::record(kind), same).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    println!("{} records", CASES as usize * Kind::ALL.len());
}

#[test]
fn every_code_is_read_again() {
    let event = samples::record(Kind::Event);
    for kind in EventKind::ALL {
        let Body::Event(mut body) = event.body.clone() else { panic!("an event") };
        body.kind = *kind;
        let record = Record { common: event.common.clone(), body: Body::Event(body) };
        assert_eq!(decode(&encode(&record)).unwrap(), record);
    }
    let alarm = samples::record(Kind::Alarm);
    let Body::Alarm(change) = &alarm.body else { panic!("an alarm") };
    let kinds = LimitKind::ALL.iter().map(|kind| {
        let mut one = change.clone();
        one.kind = *kind;
        one
    });
    let states = IsaState::ALL.iter().map(|state| {
        let mut one = change.clone();
        one.state = *state;
        one
    });
    let transitions = AlarmTransition::ALL.iter().map(|transition| {
        let mut one = change.clone();
        one.transition = *transition;
        one
    });
    let priorities = Priority::ALL.iter().map(|priority| {
        let mut one = change.clone();
        one.priority = *priority;
        one
    });
    let mut count = EventKind::ALL.len();
    for change in kinds.chain(states).chain(transitions).chain(priorities) {
        let record = Record { common: alarm.common.clone(), body: Body::Alarm(change) };
        assert_eq!(decode(&encode(&record)).unwrap(), record);
        count += 1;
    }
    println!("{count} codes");
}

/// The item that stands for a figure in a health record.
fn figure(number: f64) -> Vec<u8> {
    let mut record = samples::record(Kind::Health);
    let Body::Health(health) = &mut record.body else { panic!("health") };
    health.figures = [("x".to_owned(), Datum::Number(number))].into();
    let payload = encode(&record);
    let at = payload.windows(2).rposition(|pair| pair == [0x61, b'x']).unwrap();
    payload[at + 2..].to_vec()
}

/// RFC 8949 §4.2.1 rule 2, and its appendix A for the bytes.
#[test]
fn floats_are_written_as_short_as_they_can() {
    let cases: [(f64, &[u8]); 12] = [
        (0.0, &[0xf9, 0x00, 0x00]),
        (-0.0, &[0xf9, 0x80, 0x00]),
        (1.0, &[0xf9, 0x3c, 0x00]),
        (1.5, &[0xf9, 0x3e, 0x00]),
        (65504.0, &[0xf9, 0x7b, 0xff]),
        (5.960_464_477_539_063e-8, &[0xf9, 0x00, 0x01]),
        (-4.0, &[0xf9, 0xc4, 0x00]),
        (100_000.0, &[0xfa, 0x47, 0xc3, 0x50, 0x00]),
        (3.402_823_466_385_288_6e38, &[0xfa, 0x7f, 0x7f, 0xff, 0xff]),
        (f64::from(0.1_f32), &[0xfa, 0x3d, 0xcc, 0xcc, 0xcd]),
        (1.1, &[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]),
        (1.0e300, &[0xfb, 0x7e, 0x37, 0xe4, 0x3c, 0x88, 0x00, 0x75, 0x9c]),
    ];
    for (number, expected) in cases {
        assert_eq!(figure(number), expected, "{number}");
    }
    assert_eq!(figure(0.1)[0], 0xfb);
    assert_eq!(figure(3.4e38)[0], 0xfb, "3.4e38 is no single: its nearest one is another number");
    println!("{} floats", cases.len() + 2);
}

#[test]
fn what_is_no_number_becomes_a_word_and_can_still_be_read() {
    for (number, word) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        let mut record = samples::record(Kind::Health);
        let Body::Health(health) = &mut record.body else { panic!("health") };
        health.figures = [("x".to_owned(), Datum::Number(number))].into();
        let Body::Health(read) = decode(&encode(&record)).unwrap().body else { panic!("health") };
        assert_eq!(read.figures["x"], Datum::Text(word.to_owned()));
    }
    let mut record = samples::record(Kind::Alarm);
    let Body::Alarm(change) = &mut record.body else { panic!("an alarm") };
    change.value = Some(f64::NAN);
    let Body::Alarm(read) = decode(&encode(&record)).unwrap().body else { panic!("an alarm") };
    assert_eq!(read.value, None);
}
