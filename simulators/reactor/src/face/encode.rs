//! A value into words: the reverse of what the agent does. Raw = (value - offset) / scale.

use cellwatch_config::profile::{DataType, Order, Parameter};

/// What is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    /// A value in the parameter's unit of measure.
    Number(f64),
    /// A number as it stands in the registers: counters, enumerations.
    Raw(i64),
    /// Text; cut to the parameter's length, padded with NUL.
    Text(String),
    /// The device's way to say that there is no value: the first sentinel, or NaN.
    NoValue,
}

/// True where the parameter can say that it has no value.
#[must_use]
pub fn can_say_no_value(parameter: &Parameter) -> bool {
    matches!(parameter.data_type, DataType::F32 | DataType::F64) || !parameter.sentinels.is_empty()
}

/// Words of a parameter, in its orders. A bit of a register gives the register with only this bit.
///
/// What the type cannot hold becomes the nearest number that it can, and never a sentinel by accident.
#[must_use]
pub fn encode(parameter: &Parameter, sent: &Sent) -> Vec<u16> {
    let bytes = match parameter.data_type {
        DataType::Bit => return vec![u16::from(is_set(parameter, sent))],
        DataType::RegisterBit(bit) => {
            (u16::from(is_set(parameter, sent)) << bit).to_be_bytes().to_vec()
        }
        #[expect(clippy::cast_possible_truncation, reason = "binary32 is what the device sends")]
        DataType::F32 => (float(parameter, sent) as f32).to_be_bytes().to_vec(),
        DataType::F64 => float(parameter, sent).to_be_bytes().to_vec(),
        DataType::Text(registers) => text(sent, usize::from(registers) * 2),
        DataType::U16
        | DataType::I16
        | DataType::U32
        | DataType::I32
        | DataType::U64
        | DataType::I64 => {
            let all = whole(parameter, sent).to_be_bytes();
            all[all.len() - usize::from(parameter.width()) * 2..].to_vec()
        }
    };
    words(parameter, &bytes)
}

/// Bytes, most significant first, as words in the parameter's orders.
fn words(parameter: &Parameter, bytes: &[u8]) -> Vec<u16> {
    let mut words: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| match parameter.byte_order {
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
        })
        .collect();
    if parameter.word_order == Order::Little {
        words.reverse();
    }
    words
}

fn is_set(parameter: &Parameter, sent: &Sent) -> bool {
    float(parameter, sent) >= 0.5
}

fn float(parameter: &Parameter, sent: &Sent) -> f64 {
    match sent {
        Sent::Number(value) => (value - parameter.offset) / parameter.scale,
        #[expect(clippy::cast_precision_loss, reason = "counters and enumerations are small")]
        Sent::Raw(raw) => *raw as f64,
        Sent::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        Sent::NoValue => f64::NAN,
    }
}

fn whole(parameter: &Parameter, sent: &Sent) -> i128 {
    let wanted = match sent {
        Sent::Raw(raw) => return clamp(parameter.data_type, i128::from(*raw)),
        Sent::NoValue => {
            let sentinel = parameter.sentinels.first().copied().unwrap_or_default();
            return clamp(parameter.data_type, i128::from(sentinel));
        }
        Sent::Number(_) | Sent::Text(_) => float(parameter, sent).round(),
    };
    #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate; NaN is 0")]
    let mut raw = clamp(parameter.data_type, wanted as i128);
    let toward = if raw > 0 { -1 } else { 1 };
    while parameter.sentinels.iter().any(|sentinel| i128::from(*sentinel) == raw) {
        raw += toward;
    }
    raw
}

fn clamp(data_type: DataType, raw: i128) -> i128 {
    let (low, high) = match data_type {
        DataType::I16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        DataType::U32 => (0, i128::from(u32::MAX)),
        DataType::I32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        DataType::U64 => (0, i128::from(u64::MAX)),
        DataType::I64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        DataType::U16
        | DataType::Bit
        | DataType::RegisterBit(_)
        | DataType::F32
        | DataType::F64
        | DataType::Text(_) => (0, i128::from(u16::MAX)),
    };
    raw.clamp(low, high)
}

fn text(sent: &Sent, length: usize) -> Vec<u8> {
    let text = match sent {
        Sent::Text(text) => text.clone(),
        Sent::Number(number) => number.to_string(),
        Sent::Raw(raw) => raw.to_string(),
        Sent::NoValue => String::new(),
    };
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = text.as_bytes()[..end].to_vec();
    bytes.resize(length, 0);
    bytes
}
