//! A reading: a value or the reason why there is none, its quality, its raw words, its time.

use smallvec::SmallVec;

use crate::{Cause, Mono, Quality, Utc};

/// Words of a device; up to eight, which is all that a number takes, without memory of their own.
pub type Words = SmallVec<[u16; 8]>;

/// Most decimals that a parameter may declare: 15 significant digits survive in an `f64`.
pub const MAX_DECIMALS: u8 = 9;

/// Powers of ten, each exact.
const TENS: [f64; MAX_DECIMALS as usize + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// A value in the parameter's unit of measure.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number, rounded to the parameter's decimals.
    Number(f64),
    /// A whole number: a counter, an enumeration's number, a state.
    Integer(i64),
    /// A discrete state.
    Bool(bool),
    /// Text: a serial number, a batch name on the device.
    Text(String),
}

impl Value {
    /// The value as a number to be judged by limits; text has none.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            #[allow(clippy::cast_precision_loss)] // limits lie far below 2^53
            Self::Integer(integer) => Some(*integer as f64),
            Self::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Self::Text(_) => None,
        }
    }
}

/// There is no value, and this is why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoData(pub Cause);

/// One parameter read once.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The value, or why there is none. A Bad reading never has one.
    pub value: Result<Value, NoData>,
    /// How far the value may be believed.
    pub quality: Quality,
    /// The words as the device sent them, most significant byte first within a word, in the device's order;
    /// empty where no reply stands behind the reading.
    pub raw: Words,
    /// Monotonic time of the answer, whole milliseconds.
    pub at: Mono,
    /// What the server said of it, where it came over OPC UA.
    pub stamp: Option<Box<Stamp>>,
}

/// What an OPC UA server says of a value besides it (OPC 10000-4 §7.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Status code, information bits included.
    pub status: u32,
    /// When the value came about, by the device's clock.
    pub source: Option<Utc>,
    /// When the server got it, by the server's clock.
    pub server: Option<Utc>,
}

impl Reading {
    /// A reading without a value.
    #[must_use]
    pub const fn none(cause: Cause, raw: Words, at: Mono) -> Self {
        Self { value: Err(NoData(cause)), quality: Quality::Bad(cause), raw, at, stamp: None }
    }
}

/// `value` × 10^`decimals`, rounded half to even: how a rounded number stands in a record.
/// `None` where it does not fit 53 bits, is not finite, or `decimals` is above [`MAX_DECIMALS`].
#[must_use]
pub fn mantissa(value: f64, decimals: u8) -> Option<i64> {
    let scaled = (value * TENS.get(usize::from(decimals))?).round_ties_even();
    #[allow(clippy::cast_possible_truncation)] // within 2^53, checked here
    (scaled.abs() <= 9_007_199_254_740_992.0).then_some(scaled as i64)
}

/// The number that a mantissa stands for: the `f64` nearest to the decimal fraction, the same that
/// parsing its text gives, so that a reading equals a limit written with the same digits.
#[must_use]
pub fn from_mantissa(mantissa: i64, decimals: u8) -> f64 {
    #[allow(clippy::cast_precision_loss)] // mantissas lie within 2^53
    let whole = mantissa as f64;
    whole / TENS[usize::from(decimals.min(MAX_DECIMALS))]
}
