//! A sample into a reading: through the words that the profile's type has, so that one decoder judges all.

use cellwatch_config::profile::{DataType, Order, Parameter};
use cellwatch_model::{Cause, Mono, Quality, Reading, Stamp, Words};

use super::status::quality;
use crate::acquire::decode;
use crate::door::{UaSample, UaValue};

/// The reading of a sample; quality by the server's status first, then by the profile.
pub(super) fn reading(parameter: &Parameter, sample: &UaSample, at: Mono) -> Reading {
    let stamp = Stamp { status: sample.status, source: sample.source, server: sample.server };
    let by_server = quality(sample.status);
    let mut reading = match (by_server, words(parameter, &sample.value)) {
        (Quality::Bad(cause), words) => Reading::none(cause, words.unwrap_or_default().into(), at),
        (Quality::Good | Quality::Uncertain(_), None) => {
            Reading::none(Cause::Configuration, Words::new(), at)
        }
        (Quality::Good | Quality::Uncertain(_), Some(words)) => decode(parameter, &words, at),
    };
    if reading.value.is_ok() && !by_server.is_good() {
        reading.quality = by_server;
    }
    reading.stamp = Some(Box::new(stamp));
    reading
}

/// The words that a device with registers would send; none where the value is not of the profile's type.
fn words(parameter: &Parameter, value: &UaValue) -> Option<Vec<u16>> {
    let bytes = match (parameter.data_type, value) {
        (DataType::Bit, UaValue::Bool(flag)) => return Some(vec![u16::from(*flag)]),
        (DataType::U16 | DataType::RegisterBit(_), whole) => {
            u16::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec()
        }
        (DataType::I16, whole) => i16::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec(),
        (DataType::U32, whole) => u32::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec(),
        (DataType::I32, whole) => i32::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec(),
        (DataType::U64, whole) => u64::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec(),
        (DataType::I64, whole) => i64::try_from(integer(whole)?).ok()?.to_be_bytes().to_vec(),
        (DataType::F32, UaValue::Float(float)) => float.to_be_bytes().to_vec(),
        (DataType::F64, UaValue::Float(float)) => f64::from(*float).to_be_bytes().to_vec(),
        (DataType::F64, UaValue::Double(double)) => double.to_be_bytes().to_vec(),
        (DataType::Text(registers), UaValue::Text(text)) => {
            let room = usize::from(registers) * 2;
            let mut bytes = text.as_bytes().to_vec();
            if bytes.len() > room || bytes.contains(&0) {
                return None;
            }
            bytes.resize(room, 0);
            bytes
        }
        (DataType::Bit | DataType::F32 | DataType::F64 | DataType::Text(_), _) => return None,
    };
    let mut words: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    if parameter.byte_order == Order::Little {
        words.iter_mut().for_each(|word| *word = word.swap_bytes());
    }
    if parameter.word_order == Order::Little {
        words.reverse();
    }
    Some(words)
}

const fn integer(value: &UaValue) -> Option<i128> {
    match value {
        UaValue::Signed(whole) => Some(*whole as i128),
        UaValue::Unsigned(whole) => Some(*whole as i128),
        UaValue::Null
        | UaValue::Bool(_)
        | UaValue::Float(_)
        | UaValue::Double(_)
        | UaValue::Text(_)
        | UaValue::Other => None,
    }
}
