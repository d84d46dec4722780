//! Words into a reading.

use cellwatch_config::profile::{DataType, Order, Parameter};
use cellwatch_model::{Cause, Mono, Quality, Reading, Value, from_mantissa, mantissa};

/// What the words are before scale and offset.
enum Raw {
    Whole(i64),
    Float(f64),
    Bit(bool),
    Text(String),
}

/// Reads one parameter from the words that the device sent for it, exactly as many as its type takes.
/// What cannot be a value becomes a reading with its cause; nothing is ever guessed (LAW-01, LAW-02).
#[must_use]
pub fn decode(parameter: &Parameter, words: &[u16], at: Mono) -> Reading {
    let none = |cause| Reading::none(cause, words.to_vec(), at);
    match raw(parameter, words).and_then(|raw| value(parameter, raw)) {
        Ok(value) => Reading { value: Ok(value), quality: Quality::Good, raw: words.to_vec(), at },
        Err(cause) => none(cause),
    }
}

fn raw(parameter: &Parameter, words: &[u16]) -> Result<Raw, Cause> {
    if words.len() != usize::from(parameter.width()) {
        return Err(Cause::WrongReply);
    }
    let bytes = ordered_bytes(parameter, words);
    let unsigned =
        || bytes.iter().fold(0u64, |number, byte| number.wrapping_shl(8) | u64::from(*byte));
    let whole = |number: u64| i64::try_from(number).map_err(|_| Cause::Configuration);
    Ok(match parameter.data_type {
        DataType::Bit => Raw::Bit(words[0] != 0),
        DataType::RegisterBit(bit) => Raw::Bit(unsigned() >> bit & 1 == 1),
        DataType::U16 | DataType::U32 | DataType::U64 => Raw::Whole(whole(unsigned())?),
        #[allow(clippy::cast_possible_truncation)] // the low bits are all there are
        DataType::I16 => Raw::Whole(i64::from(unsigned() as u16 as i16)),
        #[allow(clippy::cast_possible_truncation)]
        DataType::I32 => Raw::Whole(i64::from(unsigned() as u32 as i32)),
        #[allow(clippy::cast_possible_wrap)]
        DataType::I64 => Raw::Whole(unsigned() as i64),
        #[allow(clippy::cast_possible_truncation)]
        DataType::F32 => Raw::Float(f64::from(f32::from_bits(unsigned() as u32))),
        DataType::F64 => Raw::Float(f64::from_bits(unsigned())),
        DataType::Text(_) => {
            let text = String::from_utf8(bytes).map_err(|_| Cause::Configuration)?;
            Raw::Text(text.trim_end_matches(['\0', ' ']).to_owned())
        }
    })
}

/// The bytes, most significant first.
fn ordered_bytes(parameter: &Parameter, words: &[u16]) -> Vec<u8> {
    let bytes_of = |word: &u16| match parameter.byte_order {
        Order::Big => word.to_be_bytes(),
        Order::Little => word.to_le_bytes(),
    };
    match parameter.word_order {
        Order::Big => words.iter().flat_map(bytes_of).collect(),
        Order::Little => words.iter().rev().flat_map(bytes_of).collect(),
    }
}

fn value(parameter: &Parameter, raw: Raw) -> Result<Value, Cause> {
    let number = match raw {
        Raw::Bit(bit) => return Ok(Value::Bool(bit)),
        Raw::Text(text) => return Ok(Value::Text(text)),
        Raw::Whole(whole) if parameter.sentinels.contains(&whole) => {
            return Err(Cause::SensorFailure);
        }
        Raw::Whole(whole) if !parameter.values.is_empty() => {
            let known = parameter.values.contains_key(&whole);
            return if known { Ok(Value::Integer(whole)) } else { Err(Cause::Configuration) };
        }
        #[allow(clippy::float_cmp)] // exactly one and zero are what the profile says
        Raw::Whole(whole)
            if parameter.scale == 1.0 && parameter.offset == 0.0 && parameter.decimals == 0 =>
        {
            #[allow(clippy::cast_precision_loss)] // ranges lie far below 2^53
            within(parameter, whole as f64)?;
            return Ok(Value::Integer(whole));
        }
        #[allow(clippy::cast_precision_loss)] // 53 bits are kept; more do not survive scaling
        Raw::Whole(whole) => whole as f64,
        #[allow(clippy::cast_precision_loss, clippy::float_cmp)] // a sentinel is an exact pattern
        Raw::Float(float)
            if !float.is_finite()
                || parameter.sentinels.iter().any(|sentinel| *sentinel as f64 == float) =>
        {
            return Err(Cause::SensorFailure);
        }
        Raw::Float(float) => float,
    };
    let scaled = number * parameter.scale + parameter.offset;
    let mantissa = mantissa(scaled, parameter.decimals).ok_or(Cause::OutOfRange)?;
    let rounded = from_mantissa(mantissa, parameter.decimals);
    within(parameter, rounded)?;
    Ok(Value::Number(rounded))
}

fn within(parameter: &Parameter, value: f64) -> Result<(), Cause> {
    match parameter.range {
        Some((low, high)) if value < low || value > high => Err(Cause::OutOfRange),
        _ => Ok(()),
    }
}
