//! Words into a reading.
//!
//! The rules, which golden vectors hold (`tests/vectors/decoding.jsonl`):
//!
//! - Orders apply to everything in registers, text included; `bit:K` counts in the word as ordered.
//! - A whole number that is not scaled, shifted or given decimals stays one, exact to 64 bits. One above
//!   2^63 - 1 does not fit the agent's numbers: the profile has the wrong type, [`Cause::Configuration`].
//! - Scaled, it must lie within 2^53, beyond which binary64 has gaps: otherwise [`Cause::OutOfRange`].
//! - Sentinels are raw numbers; they, NaN and the infinities are [`Cause::SensorFailure`].
//! - Values are rounded half to even to their decimals, then held against the range. Minus zero is zero.
//! - Text ends at the first NUL, less trailing blanks; what is no UTF-8 or holds control characters is
//!   [`Cause::Configuration`], as is a number that an enumeration has no word for.

use cellwatch_config::profile::{DataType, Order, Parameter};
use cellwatch_model::{Cause, Mono, Quality, Reading, Value, Words, from_mantissa, mantissa};
use smallvec::SmallVec;

/// Whole numbers up to here are exact in binary64.
const EXACT: u64 = 1 << 53;

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
    match raw(parameter, words).and_then(|raw| value(parameter, raw)) {
        Ok(value) => {
            let raw = words.into();
            Reading { value: Ok(value), quality: Quality::Good, raw, at, stamp: None }
        }
        // Words that are not what was asked for stand behind nothing.
        Err(Cause::WrongReply) => Reading::none(Cause::WrongReply, Words::new(), at),
        Err(cause) => Reading::none(cause, words.into(), at),
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
        DataType::Bit => match words {
            [0] => Raw::Bit(false),
            [1] => Raw::Bit(true),
            _ => return Err(Cause::WrongReply),
        },
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
        DataType::Text(_) => Raw::Text(text(&bytes)?),
    })
}

/// The bytes, most significant first.
fn ordered_bytes(parameter: &Parameter, words: &[u16]) -> SmallVec<[u8; 8]> {
    let bytes_of = |word: &u16| match parameter.byte_order {
        Order::Big => word.to_be_bytes(),
        Order::Little => word.to_le_bytes(),
    };
    match parameter.word_order {
        Order::Big => words.iter().flat_map(bytes_of).collect(),
        Order::Little => words.iter().rev().flat_map(bytes_of).collect(),
    }
}

fn text(bytes: &[u8]) -> Result<String, Cause> {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = str::from_utf8(bytes).map_err(|_| Cause::Configuration)?;
    let text = text.trim_end_matches(' ');
    if text.chars().any(char::is_control) {
        return Err(Cause::Configuration);
    }
    Ok(text.to_owned())
}

fn value(parameter: &Parameter, raw: Raw) -> Result<Value, Cause> {
    let known = |raw| parameter.values.is_empty() || parameter.values.contains_key(&raw);
    let number = match raw {
        Raw::Bit(bit) if known(i64::from(bit)) => return Ok(Value::Bool(bit)),
        Raw::Bit(_) => return Err(Cause::Configuration),
        Raw::Text(text) => return Ok(Value::Text(text)),
        Raw::Whole(whole) if parameter.sentinels.contains(&whole) => {
            return Err(Cause::SensorFailure);
        }
        Raw::Whole(whole) if !parameter.values.is_empty() => {
            return if known(whole) {
                Ok(Value::Integer(whole))
            } else {
                Err(Cause::Configuration)
            };
        }
        #[allow(clippy::float_cmp)] // exactly one and zero are what the profile says
        Raw::Whole(whole)
            if parameter.scale == 1.0 && parameter.offset == 0.0 && parameter.decimals == 0 =>
        {
            whole_within(parameter, whole)?;
            return Ok(Value::Integer(whole));
        }
        Raw::Whole(whole) if whole.unsigned_abs() > EXACT => return Err(Cause::OutOfRange),
        #[allow(clippy::cast_precision_loss)] // within 2^53, checked above
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

/// Exact where binary64 is not.
fn whole_within(parameter: &Parameter, value: i64) -> Result<(), Cause> {
    let Some((low, high)) = parameter.range else { return Ok(()) };
    #[allow(clippy::cast_possible_truncation)] // whole, and ends beyond 128 bits saturate
    let (low, high) = (low.ceil() as i128, high.floor() as i128);
    if (low..=high).contains(&i128::from(value)) { Ok(()) } else { Err(Cause::OutOfRange) }
}
