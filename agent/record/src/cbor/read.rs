//! Reading, with the place of each mistake.

use std::collections::BTreeMap;

use minicbor::Decoder;
use minicbor::data::Type;

use super::DecodeError;
use crate::FORMAT_VERSION;

/// Longest array or map that is believed before its items are seen; more than any record of 5 s holds.
const LENGTH_MAX: u64 = 1 << 20;

/// Reads items from bytes.
pub(crate) struct Reader<'b>(Decoder<'b>);

macro_rules! item {
    ($name:ident, $type:ty, $expected:literal) => {
        pub(crate) fn $name(&mut self) -> Result<$type, DecodeError> {
            let at = self.0.position();
            self.0.$name().map_err(|error| malformed(at, $expected, &error))
        }
    };
}

fn malformed(at: usize, expected: &'static str, error: &minicbor::decode::Error) -> DecodeError {
    DecodeError::Malformed { at, expected, cause: error.to_string() }
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(Decoder::new(bytes))
    }

    item!(u16, u16, "an unsigned number below 65536");
    item!(u32, u32, "an unsigned number of 32 bits");
    item!(u64, u64, "an unsigned number");
    item!(i64, i64, "a whole number");
    item!(bool, bool, "true or false");
    item!(str, &'b str, "text");
    item!(bytes, &'b [u8], "bytes");

    pub(crate) fn string(&mut self) -> Result<String, DecodeError> {
        self.str().map(str::to_owned)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.0.position();
        self.bytes()?.try_into().map_err(|_| DecodeError::Malformed {
            at,
            expected: "bytes of a fixed length",
            cause: format!("not {N} bytes"),
        })
    }

    pub(crate) fn float(&mut self) -> Result<f64, DecodeError> {
        let at = self.0.position();
        let kind = self.datatype()?;
        let value = if kind == Type::F16 {
            self.0.f16().map(f64::from)
        } else if kind == Type::F32 {
            self.0.f32().map(f64::from)
        } else {
            self.0.f64()
        }
        .map_err(|error| malformed(at, "a float", &error))?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(DecodeError::Malformed {
                at,
                expected: "a finite float",
                cause: "records hold no NaN and no infinity".to_owned(),
            })
        }
    }

    pub(crate) fn datatype(&self) -> Result<Type, DecodeError> {
        let at = self.0.position();
        self.0.datatype().map_err(|error| malformed(at, "an item", &error))
    }

    /// True, and consumed, if the next item is null.
    pub(crate) fn null(&mut self) -> Result<bool, DecodeError> {
        let at = self.0.position();
        if self.datatype()? != Type::Null {
            return Ok(false);
        }
        self.0.null().map_err(|error| malformed(at, "null", &error))?;
        Ok(true)
    }

    fn length(
        &mut self,
        expected: &'static str,
        length: Result<Option<u64>, minicbor::decode::Error>,
        at: usize,
    ) -> Result<u64, DecodeError> {
        match length.map_err(|error| malformed(at, expected, &error))? {
            Some(length) if length <= LENGTH_MAX => Ok(length),
            Some(length) => Err(DecodeError::Malformed {
                at,
                expected,
                cause: format!(
                    "{length} items are more than the {LENGTH_MAX} that a record may hold"
                ),
            }),
            None => Err(DecodeError::NotDeterministic),
        }
    }

    pub(crate) fn array(&mut self) -> Result<u64, DecodeError> {
        let at = self.0.position();
        let length = self.0.array();
        self.length("an array", length, at)
    }

    pub(crate) fn array_of(&mut self, length: u64, name: &'static str) -> Result<(), DecodeError> {
        if self.array()? == length { Ok(()) } else { Err(DecodeError::Inconsistent(name)) }
    }

    pub(crate) fn map(&mut self, name: &'static str) -> Result<MapReader<'_, 'b>, DecodeError> {
        let at = self.0.position();
        let length = self.0.map();
        let left = self.length("a map", length, at)?;
        Ok(MapReader { reader: self, left, name })
    }

    /// A map with text keys, each once.
    pub(crate) fn text_map<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<BTreeMap<String, T>, DecodeError> {
        let at = self.0.position();
        let length = self.0.map();
        let length = self.length("a map", length, at)?;
        let mut map = BTreeMap::new();
        for _ in 0..length {
            let key = self.string()?;
            let value = item(self)?;
            if map.insert(key, value).is_some() {
                return Err(DecodeError::NotDeterministic);
            }
        }
        Ok(map)
    }

    pub(crate) fn code<T>(
        &mut self,
        what: &'static str,
        from: impl Fn(u8) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let code = self.u64()?;
        u8::try_from(code).ok().and_then(from).ok_or(DecodeError::UnknownCode { what, code })
    }

    /// Refuses bytes after the item.
    pub(crate) fn end(&self, length: usize) -> Result<(), DecodeError> {
        if self.0.position() == length { Ok(()) } else { Err(DecodeError::NotDeterministic) }
    }
}

/// Reads a map with ascending integer keys: each key is asked for in its order.
pub(crate) struct MapReader<'r, 'b> {
    reader: &'r mut Reader<'b>,
    left: u64,
    name: &'static str,
}

impl<'b> MapReader<'_, 'b> {
    /// The value of `key` if it comes next.
    pub(crate) fn optional(&mut self, key: u8) -> Result<Option<&mut Reader<'b>>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        let before = self.reader.0.position();
        if self.reader.u64()? == u64::from(key) {
            self.left -= 1;
            Ok(Some(self.reader))
        } else {
            self.reader.0.set_position(before);
            Ok(None)
        }
    }

    /// The value of `key`, which must come next.
    pub(crate) fn required(&mut self, key: u8) -> Result<&mut Reader<'b>, DecodeError> {
        let map = self.name;
        self.optional(key)?.ok_or(DecodeError::MissingKey { key, map })
    }

    /// The version of a payload, key 0: there is one, 0.
    pub(crate) fn version(&mut self, what: &'static str) -> Result<(), DecodeError> {
        match self.required(0)?.u64()? {
            FORMAT_VERSION => Ok(()),
            code => Err(DecodeError::UnknownCode { what, code }),
        }
    }

    pub(crate) fn opt_string(&mut self, key: u8) -> Result<Option<String>, DecodeError> {
        self.optional(key)?.map(Reader::string).transpose()
    }

    pub(crate) fn opt_float(&mut self, key: u8) -> Result<Option<f64>, DecodeError> {
        self.optional(key)?.map(Reader::float).transpose()
    }

    /// Refuses keys that nobody asked for.
    pub(crate) fn end(self) -> Result<(), DecodeError> {
        if self.left == 0 {
            return Ok(());
        }
        let at = self.reader.0.position();
        let key = self.reader.u64()?;
        Err(DecodeError::UnknownKey { at, key, map: self.name })
    }
}
