//! Writing.

use minicbor::{Decoder, Encoder};

use crate::FORMAT_VERSION;

/// Writes items to a buffer. Writing to memory cannot fail.
pub(crate) struct Writer<'a>(pub(crate) &'a mut Vec<u8>);

macro_rules! item {
    ($name:ident, $type:ty) => {
        pub(crate) fn $name(&mut self, value: $type) {
            Encoder::new(&mut *self.0).$name(value).expect("writing to memory cannot fail");
        }
    };
}

impl Writer<'_> {
    item!(u64, u64);
    item!(i64, i64);
    item!(str, &str);
    item!(bytes, &[u8]);
    item!(bool, bool);
    item!(array, u64);

    /// The head of a byte string; its bytes are to follow.
    pub(crate) fn bytes_head(&mut self, length: u64) {
        Encoder::new(&mut *self.0).bytes_len(length).expect("writing to memory cannot fail");
    }

    pub(crate) fn null(&mut self) {
        Encoder::new(&mut *self.0).null().expect("writing to memory cannot fail");
    }

    /// The shortest float that is the same number (RFC 8949 §4.2.1 rule 2); callers have checked that it is finite.
    pub(crate) fn float(&mut self, value: f64) {
        debug_assert!(value.is_finite(), "records hold no NaN and no infinity");
        let mut encoder = Encoder::new(&mut *self.0);
        #[allow(clippy::cast_possible_truncation)] // whether it fits is what is asked
        let single = value as f32;
        if f64::from(single).to_bits() != value.to_bits() {
            encoder.f64(value).expect("writing to memory cannot fail");
            return;
        }
        let mut half = Vec::with_capacity(3);
        Encoder::new(&mut half).f16(single).expect("writing to memory cannot fail");
        let back = Decoder::new(&half).f16().expect("was just written");
        if back.to_bits() == single.to_bits() {
            encoder.f16(single).expect("writing to memory cannot fail");
        } else {
            encoder.f32(single).expect("writing to memory cannot fail");
        }
    }
}

/// Writes a map with ascending integer keys below 24; its head is filled in at the end.
pub(crate) struct MapWriter<'a> {
    out: &'a mut Vec<u8>,
    head: usize,
    count: u8,
    last_key: Option<u8>,
}

impl<'a> MapWriter<'a> {
    pub(crate) fn begin(out: &'a mut Vec<u8>) -> Self {
        let head = out.len();
        out.push(0xa0);
        Self { out, head, count: 0, last_key: None }
    }

    pub(crate) fn key(&mut self, key: u8) -> Writer<'_> {
        debug_assert!(key < 24 && self.last_key.is_none_or(|last| last < key), "keys ascend");
        self.last_key = Some(key);
        self.count += 1;
        self.out.push(key);
        Writer(self.out)
    }

    /// The version of the format, which begins every payload.
    pub(crate) fn version(&mut self) {
        self.key(0).u64(FORMAT_VERSION);
    }

    pub(crate) fn end(self) {
        self.out[self.head] = 0xa0 | self.count;
    }

    pub(crate) fn opt_str(&mut self, key: u8, value: Option<&str>) {
        if let Some(value) = value {
            self.key(key).str(value);
        }
    }

    pub(crate) fn opt_float(&mut self, key: u8, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.key(key).float(value);
        }
    }
}
