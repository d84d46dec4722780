//! At most ten bytes a reading, everything counted (architecture.md §4).

use cellwatch_model::{Mono, Quality, Value};

use super::samples;
use crate::{Body, Column, Frame, Record, Sample, Track, encode};

/// `COSE_Sign1` around a record: tag, array, protected header with alg, kid and content type,
/// lengths, Ed25519 signature.
const SEAL_BYTES: usize = 118;

/// Five seconds of thirty parameters at 1 Hz, each a float32 in two registers: three devices are
/// each read in one request, so that their parameters share a track. Every value moves at every
/// sample, as measured ones do.
fn frame() -> Frame {
    let tracks = (0..3).map(|device| Track((0..5).map(|s| s * 1000 + device * 37).collect()));
    let columns = (0..30_u16).map(|parameter| {
        let samples = (0..5_i32).map(|second| {
            let hundredths = 3700 + i32::from(parameter) * 211 + (second * 7 + 3) % 11 - 5;
            let number = f64::from(hundredths) / 100.0;
            #[allow(clippy::cast_possible_truncation)] // a device's float32
            let bits = (number as f32).to_bits();
            let raw = [(bits >> 16) as u16, (bits & 0xffff) as u16].as_slice().into();
            Sample { value: Some(Value::Number(number)), quality: Quality::Good, raw, stamp: None }
        });
        Column { parameter, decimals: 2, track: parameter % 3, samples: samples.collect() }
    });
    Frame { from: Mono(86_400_123_000_000), tracks: tracks.collect(), columns: columns.collect() }
}

/// The same readings as plain JSON, which says neither quality of all nor raw words nor who said it: an object for each reading,
/// and the shortest that is still read by name, an object for each second.
fn as_json(frame: &Frame) -> (usize, usize) {
    let (mut each, mut shortest) = (0, 0);
    for second in 0..5 {
        let mut together = format!(r#"{{"t":{}"#, 1_769_817_600_000_u64 + second * 1000);
        for column in &frame.columns {
            let sample = &column.samples[usize::try_from(second).unwrap()];
            let Some(Value::Number(number)) = sample.value else { panic!("a number") };
            let at = 1_769_817_600_000 + u64::from(column.track) * 37 + second * 1000;
            let name = format!("P{:02}.PV", column.parameter);
            each += format!(r#"{{"t":{at},"n":"{name}","v":{number:.2},"q":"good"}},"#).len();
            together += &format!(r#","{name}":{number:.2}"#);
        }
        shortest += together.len() + "}\n".len();
    }
    (each, shortest)
}

#[test]
fn a_reading_takes_at_most_ten_bytes() {
    let frame = frame();
    let readings = frame.readings();
    let (each, shortest) = as_json(&frame);
    let common = crate::Common { mono: Mono(86_405_123_456_789), ..samples::common(1_234_567) };
    let payload = encode(&Record { common, body: Body::Telemetry(frame) }).len();
    let bytes = payload + SEAL_BYTES;
    println!(
        "{readings} readings: {payload} bytes of payload, {SEAL_BYTES} of seal: {}.{:02} bytes a reading",
        bytes / readings,
        bytes % readings * 100 / readings
    );
    println!(
        "plain JSON: {each} bytes as an object a reading, {shortest} as an object a second; a record with its seal: {bytes}"
    );
    assert!(bytes < shortest && bytes * 4 < each, "{bytes} bytes, plain JSON {each}, {shortest}");
    assert_eq!(readings, 150);
    assert!(bytes <= 10 * readings, "{bytes} bytes for {readings} readings");
}
