//! The words of a profile and what they mean.

use std::fmt;

use super::{Access, DataType, Order, Table};
use crate::reader::{Value, Word};

impl Word for Table {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("coil", Self::Coil),
        ("discrete", Self::Discrete),
        ("input", Self::Input),
        ("holding", Self::Holding),
    ];
}

impl Word for Order {
    const WORDS: &'static [(&'static str, Self)] = &[("big", Self::Big), ("little", Self::Little)];
}

impl Word for Access {
    const WORDS: &'static [(&'static str, Self)] = &[("read", Self::Read), ("panel", Self::Panel)];
}

impl Word for DataType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("bit", Self::Bit),
        ("u16", Self::U16),
        ("i16", Self::I16),
        ("u32", Self::U32),
        ("i32", Self::I32),
        ("u64", Self::U64),
        ("i64", Self::I64),
        ("f32", Self::F32),
        ("f64", Self::F64),
    ];
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word_of(*self))
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegisterBit(bit) => write!(f, "bit:{bit}"),
            Self::Text(registers) => write!(f, "text:{registers}"),
            Self::Bit
            | Self::U16
            | Self::I16
            | Self::U32
            | Self::I32
            | Self::U64
            | Self::I64
            | Self::F32
            | Self::F64 => f.write_str(word_of(*self)),
        }
    }
}

fn word_of<T: Word + PartialEq>(meaning: T) -> &'static str {
    T::WORDS.iter().find(|(_, other)| *other == meaning).map_or("?", |(word, _)| word)
}

/// `type` of a parameter.
pub(super) fn data_type(value: &Value<'_>) -> Option<DataType> {
    let text = value.any_text()?;
    if let Some(bit) = text.strip_prefix("bit:") {
        return match bit.parse::<u8>() {
            Ok(bit @ 0..=15) => Some(DataType::RegisterBit(bit)),
            Ok(_) | Err(_) => {
                value.problem(format!("{text:?}: a register has the bits bit:0 to bit:15"))
            }
        };
    }
    if let Some(registers) = text.strip_prefix("text:") {
        return match registers.parse::<u16>() {
            Ok(registers @ 1..=125) => Some(DataType::Text(registers)),
            Ok(_) | Err(_) => value.problem(format!(
                "{text:?}: text takes text:1 to text:125, the number of its registers"
            )),
        };
    }
    if let Some((_, meaning)) = DataType::WORDS.iter().find(|(word, _)| *word == text) {
        return Some(*meaning);
    }
    value.problem(format!(
        "{text:?} is no type: use bit, u16, i16, u32, i32, u64, i64, f32, f64, text:N (N registers) or bit:K (bit K of a register)"
    ))
}

impl DataType {
    /// True for whole numbers of one or more registers.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::U16 | Self::I16 | Self::U32 | Self::I32 | Self::U64 | Self::I64)
    }

    /// True for numbers of more than one register, which a device can change between its words.
    #[must_use]
    pub const fn is_number_of_words(self) -> bool {
        (self.is_integer() || self.is_float()) && self.width() > 1
    }

    /// True for IEEE 754 numbers.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Raw whole numbers that it can hold exactly; `None` for text.
    #[must_use]
    pub const fn raw_range(self) -> Option<(i64, i64)> {
        match self {
            Self::Bit | Self::RegisterBit(_) => Some((0, 1)),
            Self::U16 => Some((0, 0xffff)),
            Self::I16 => Some((-0x8000, 0x7fff)),
            Self::U32 => Some((0, 0xffff_ffff)),
            Self::I32 => Some((-0x8000_0000, 0x7fff_ffff)),
            Self::U64 => Some((0, i64::MAX)),
            Self::I64 => Some((i64::MIN, i64::MAX)),
            Self::F32 => Some((-(1 << 24), 1 << 24)),
            Self::F64 => Some((-(1 << 53), 1 << 53)),
            Self::Text(_) => None,
        }
    }
}
