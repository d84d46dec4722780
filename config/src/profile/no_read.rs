//! `no_read` of a profile: `[[table, first, last], …]`.

use super::{NoRead, Table};
use crate::reader::Value;

/// One range that may not be read.
pub(super) fn no_read(value: &Value<'_>) -> Option<NoRead> {
    let items = value.items()?;
    let [table, first, last] = items.as_slice() else {
        return value.problem(
            "must hold a table and two addresses: [\"holding\", 100, 119], both ends included",
        );
    };
    let table = table.word::<Table>();
    let first = first.integer::<u16>(0..=65535);
    let last = last.integer::<u16>(0..=65535);
    let (table, first, last) = (table?, first?, last?);
    if last < first {
        return value
            .problem(format!("the last address {last} is below the first, {first}: swap them"));
    }
    Some(NoRead { table, first, last })
}
