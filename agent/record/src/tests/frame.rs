//! Frames: what a column keeps apart.

use cellwatch_model::{Cause, Mono, Quality, Stamp, Utc, Value};

use super::samples;
use crate::{Body, Column, DecodeError, Frame, Kind, Record, Sample, Track, decode, encode};

fn good(value: Value, raw: &[u16]) -> Sample {
    Sample { value: Some(value), quality: Quality::Good, raw: raw.into(), stamp: None }
}

fn read_again(samples: Vec<Sample>, decimals: u8) -> Vec<Sample> {
    let length = u32::try_from(samples.len()).unwrap();
    let frame = Frame {
        from: Mono(0),
        tracks: vec![Track((0..length).collect())],
        columns: vec![Column { parameter: 0, decimals, track: 0, samples }],
    };
    let common = samples::common(1);
    let payload = encode(&Record { common, body: Body::Telemetry(frame) });
    let Body::Telemetry(mut frame) = decode(&payload).unwrap().body else { panic!("a frame") };
    frame.columns.remove(0).samples
}

#[test]
fn times_count_from_the_frames_beginning() {
    let Body::Telemetry(frame) = samples::record(Kind::Telemetry).body else { panic!("a frame") };
    let (first, door) = (&frame.columns[0], &frame.columns[1]);
    assert_eq!(frame.readings(), 5);
    assert_eq!(frame.time_of(first, 2), Some(frame.from.plus_ms(2000)));
    assert_eq!(frame.time_of(door, 0), Some(frame.from.plus_ms(500)));
    assert_eq!(frame.time_of(door, 1), None);
}

/// Words of unequal number cannot be told apart, so none are kept; the values are.
#[test]
fn words_are_never_credited_to_another_sample() {
    let two = good(Value::Number(1.0), &[1, 2]);
    let three = good(Value::Number(2.0), &[3, 4, 5]);
    let one = good(Value::Number(3.0), &[6]);
    let read = read_again(vec![two.clone(), three, one], 0);
    assert_eq!(read.iter().map(|one| one.raw.len()).collect::<Vec<_>>(), [0, 0, 0]);
    assert_eq!(read[1].value, Some(Value::Number(2.0)));

    // A silent sample has no words, whatever it says.
    let quality = Quality::Bad(Cause::Timeout);
    let silent = Sample { value: None, quality, raw: [9, 9].as_slice().into(), stamp: None };
    let read = read_again(vec![silent, two.clone()], 0);
    assert!(read[0].raw.is_empty());
    assert_eq!(read[1], two);
}

#[test]
fn a_value_of_another_type_is_not_turned_into_one() {
    let mixed = vec![
        good(Value::Integer(5), &[5]),
        good(Value::Number(37.5), &[6]),
        good(Value::Integer(7), &[7]),
    ];
    let values: Vec<_> = read_again(mixed, 2).into_iter().map(|one| one.value).collect();
    assert_eq!(values, [Some(Value::Integer(5)), None, Some(Value::Integer(7))]);
}

#[test]
fn extreme_integers_survive_their_differences() {
    let extremes = [i64::MIN, i64::MAX, 0, i64::MAX, i64::MIN, -1];
    let samples: Vec<_> = extremes.iter().map(|one| good(Value::Integer(*one), &[])).collect();
    assert_eq!(read_again(samples.clone(), 0), samples);
}

#[test]
fn numbers_come_back_to_the_last_decimal() {
    for decimals in 0..=9_u8 {
        for text in ["0", "37.02", "-0.1", "7.123456789", "1013.25", "-273.15"] {
            let number: f64 = text.parse().unwrap();
            let rounded: f64 = format!("{number:.*}", usize::from(decimals)).parse().unwrap();
            let read = read_again(vec![good(Value::Number(rounded), &[])], decimals);
            assert_eq!(read[0].value, Some(Value::Number(rounded)), "{text} to {decimals}");
        }
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    // [parameter, type, track, values, raw, quality], of a track of two times.
    let column = |column: &[u8]| {
        let frame =
            [&[0xa3, 0x01, 0x00, 0x02, 0x81, 0x82, 0x00, 0x01, 0x03, 0x81], column].concat();
        let telemetry = encode(&samples::record(Kind::Telemetry));
        let at = telemetry.windows(9).position(|nine| nine == b"expansion").unwrap() + 9;
        decode(&[&telemetry[..at], &[0x0e], &frame].concat())
    };
    let good = [0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x44, 0, 1, 0, 2, 0x80];
    assert!(column(&good).is_ok());
    let inconsistent: [(&str, &[u8]); 8] = [
        ("five items", &[0x85, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x40]),
        ("no such track", &[0x86, 0x00, 0x00, 0x01, 0x82, 0x01, 0x02, 0x40, 0x80]),
        ("too few values", &[0x86, 0x00, 0x00, 0x00, 0x81, 0x01, 0x40, 0x80]),
        ("too many values", &[0x86, 0x00, 0x00, 0x00, 0x83, 0x01, 0x01, 0x01, 0x40, 0x80]),
        ("half a word", &[0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x41, 0, 0x80]),
        ("words for one of two", &[0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x42, 0, 1, 0x80]),
        ("too few qualities", &[0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x40, 0x82, 0x01, 0x05]),
        ("too many qualities", &[0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x40, 0x82, 0x03, 0x05]),
    ];
    for (name, bytes) in inconsistent {
        let error = column(bytes);
        assert!(matches!(error, Err(DecodeError::Inconsistent(_))), "{name}: {error:?}");
    }
    for (name, code) in [("ten decimals", 0x0a), ("no such type", 0x23)] {
        let mut bytes = good;
        bytes[2] = code;
        let error = column(&bytes);
        assert!(matches!(error, Err(DecodeError::UnknownCode { .. })), "{name}: {error:?}");
    }
    let all_good = [0x86, 0x00, 0x00, 0x00, 0x82, 0x01, 0x02, 0x40, 0x82, 0x02, 0x00];
    assert_eq!(column(&all_good), Err(DecodeError::NotDeterministic), "all Good is written as []");
    println!("{} columns", inconsistent.len() + 4);
}

// Req: LAW-12
#[test]
fn what_an_opc_ua_server_said_comes_back() {
    let stamp = |status, source: Option<i64>, server: Option<i64>| {
        Some(Box::new(Stamp { status, source: source.map(Utc), server: server.map(Utc) }))
    };
    let stamps = [
        stamp(0, Some(1_769_817_600_123_456_700), Some(1_769_817_600_123_556_700)),
        None,
        stamp(0x8000_0480, Some(1_769_817_600_023_456_700), None),
        stamp(0x4090_0000, None, Some(1_769_817_601_000_000_000)),
        stamp(0, None, None),
    ];
    let samples = stamps.map(|stamp| Sample { stamp, ..good(Value::Number(37.5), &[1, 2]) });
    assert_eq!(read_again(samples.to_vec(), 1), samples);
    println!("stamps: {} samples", samples.len());
}
