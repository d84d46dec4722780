//! Details with names, where each event and each health record has its own.

use std::collections::BTreeMap;

use minicbor::data::Type;

use crate::cbor::{DecodeError, Reader, Writer};

/// A detail of an event or of a health record.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// Words.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number; NaN and the infinities, of which CBOR's deterministic form has none here,
    /// are written as the words `NaN`, `inf` and `-inf`.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A hash or an id.
    Bytes(Vec<u8>),
    /// Several; lists in lists at most four deep.
    List(Vec<Datum>),
}

/// Lists in lists deeper than this are refused.
const DEPTH_MAX: u8 = 4;

impl Datum {
    fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer(out);
        match self {
            Self::Text(text) => writer.str(text),
            Self::Integer(integer) => writer.i64(*integer),
            Self::Number(number) if number.is_finite() => writer.float(*number),
            Self::Number(number) => writer.str(&number.to_string()),
            Self::Bool(flag) => writer.bool(*flag),
            Self::Bytes(bytes) => writer.bytes(bytes),
            Self::List(list) => {
                writer.array(list.len() as u64);
                for one in list {
                    one.write(out);
                }
            }
        }
    }

    fn read(reader: &mut Reader<'_>, depth: u8) -> Result<Self, DecodeError> {
        #[allow(clippy::wildcard_enum_match_arm)] // what is no datum is refused by `string`
        Ok(match reader.datatype()? {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Self::Integer(reader.i64()?),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => Self::Integer(reader.i64()?),
            Type::F16 | Type::F32 | Type::F64 => Self::Number(reader.float()?),
            Type::Bool => Self::Bool(reader.bool()?),
            Type::Bytes => Self::Bytes(reader.bytes()?.to_vec()),
            Type::Array if depth < DEPTH_MAX => {
                let length = reader.array()?;
                Self::List(
                    (0..length).map(|_| Self::read(reader, depth + 1)).collect::<Result<_, _>>()?,
                )
            }
            _ => Self::Text(reader.string()?),
        })
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Datum {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Datum {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// Text keys stand in the order of their encoded bytes (RFC 8949 §4.2.1): shorter ones first.
pub(super) fn write_details(details: &BTreeMap<String, Datum>, writer: Writer<'_>) {
    let out = writer.0;
    let mut sorted: Vec<_> = details.iter().collect();
    sorted.sort_by_key(|(key, _)| (key.len(), key.as_str()));
    minicbor::Encoder::new(&mut *out)
        .map(sorted.len() as u64)
        .expect("writing to memory cannot fail");
    for (key, datum) in sorted {
        Writer(out).str(key);
        datum.write(out);
    }
}

pub(super) fn read_details(
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<String, Datum>, DecodeError> {
    reader.text_map(|reader| Datum::read(reader, 0))
}
