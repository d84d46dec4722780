//! What somebody wrote to a set-point.

use cellwatch_config::profile::{DataType, Order, Parameter};

use crate::culture::Signal;

/// A set-point that was written, in the signal's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PanelWrite {
    /// The set-point.
    pub signal: Signal,
    /// Its new value.
    pub value: f64,
}

/// The number that the words of a parameter stand for, in its unit of measure; `None` for bits, text and NaN.
#[must_use]
pub fn decode_number(parameter: &Parameter, words: &[u16]) -> Option<f64> {
    if words.len() != usize::from(parameter.width()) {
        return None;
    }
    let bytes_of = |word: &u16| match parameter.byte_order {
        Order::Big => word.to_be_bytes(),
        Order::Little => word.to_le_bytes(),
    };
    let bytes: Vec<u8> = match parameter.word_order {
        Order::Big => words.iter().flat_map(bytes_of).collect(),
        Order::Little => words.iter().rev().flat_map(bytes_of).collect(),
    };
    #[expect(clippy::cast_precision_loss, reason = "set-points are far below 2^53")]
    let raw = match (parameter.data_type, bytes.as_slice()) {
        (DataType::U16, &[a, b]) => f64::from(u16::from_be_bytes([a, b])),
        (DataType::I16, &[a, b]) => f64::from(i16::from_be_bytes([a, b])),
        (DataType::U32, &[a, b, c, d]) => f64::from(u32::from_be_bytes([a, b, c, d])),
        (DataType::I32, &[a, b, c, d]) => f64::from(i32::from_be_bytes([a, b, c, d])),
        (DataType::F32, &[a, b, c, d]) => f64::from(f32::from_be_bytes([a, b, c, d])),
        (DataType::U64, bytes) => u64::from_be_bytes(bytes.try_into().ok()?) as f64,
        (DataType::I64, bytes) => i64::from_be_bytes(bytes.try_into().ok()?) as f64,
        (DataType::F64, bytes) => f64::from_be_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    let value = raw * parameter.scale + parameter.offset;
    value.is_finite().then_some(value)
}
