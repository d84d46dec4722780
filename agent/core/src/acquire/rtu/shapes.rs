//! Which shape the next request has: rule 3 of the module.

use std::collections::BTreeMap;

use super::Expected;
use crate::door::Read;

/// Bytes of data of the last request that failed, by unit and function. Units and functions are few:
/// at most 256 × 4 entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    failed: BTreeMap<(u8, u8), u8>,
}

impl Shapes {
    pub(super) fn failed(&mut self, expected: Expected) {
        self.failed.insert((expected.unit, expected.function), expected.data_bytes);
    }

    pub(super) fn answered(&mut self, expected: Expected) {
        self.failed.remove(&(expected.unit, expected.function));
    }

    /// The read, or the one instead if that has another length than the one that failed.
    pub(super) fn choose(&self, read: Read, instead: Option<Read>) -> Read {
        let fits = |read: Read| {
            let expected = Expected::of(read);
            self.failed.get(&(expected.unit, expected.function)) == Some(&expected.data_bytes)
        };
        let other = instead.filter(|instead| covers(*instead, read) && !fits(*instead));
        if fits(read) { other.unwrap_or(read) } else { read }
    }
}

/// True where all of `read` is in `instead`.
fn covers(instead: Read, read: Read) -> bool {
    let end = |read: Read| u32::from(read.address) + u32::from(read.count);
    (instead.modbus_unit, instead.table) == (read.modbus_unit, read.table)
        && instead.address <= read.address
        && end(instead) >= end(read)
}
