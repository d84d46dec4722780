//! Whether samples can be what a server meant. Without security nothing in the protocol tells a damaged message from a whole
//! one: the middle of another message may stand where values and times should be.

use cellwatch_model::Utc;

use crate::door::UaSample;

/// No clock of a device shows a time before: 1970-01-01, from which clocks without a battery start.
const EARLIEST: Utc = Utc(0);
/// … or after: 2100-01-01.
const LATEST: Utc = Utc(4_102_444_800_000_000_000);
/// What is said of the whole message.
pub(super) const IMPOSSIBLE: &str =
    "a time before 1970 or after 2100 came: the message is damaged, or the server's clock is";

/// False where one of its times is none that a clock shows.
pub(super) fn is_possible(sample: &UaSample) -> bool {
    let is_possible = |time: Option<Utc>| time.is_none_or(|at| (EARLIEST..=LATEST).contains(&at));
    is_possible(sample.source) && is_possible(sample.server)
}
