//! The words that everybody in cellwatch uses: time, readings and their quality,
//! units of measure, alarm words. A leaf crate: no I/O, no clock, no keys.
#![forbid(unsafe_code)]

mod alarm;
mod coded;
mod quality;
mod reading;
mod time;
mod unit_of_measure;

pub use alarm::{AlarmTransition, IsaState, LimitKind, Priority};
pub use quality::{Cause, Quality, UnknownQualityCode};
pub use reading::{MAX_DECIMALS, NoData, Reading, Stamp, Value, Words, from_mantissa, mantissa};
pub use time::{Clock, ClockSync, Mono, Now, Utc};
pub use unit_of_measure::{UnitOfMeasure, UnknownUnitOfMeasure};

#[cfg(test)]
mod tests;
