//! Which appends share a commit.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use cellwatch_core::door::Append;

/// A commit takes no further append when it has this many records.
pub const GROUP_RECORDS_MAX: usize = 4096;

/// Gathers what is to be committed with `first`, as soon as an urgent append, the delay or the
/// largest commit is reached. Gives each append to `take`, in order.
pub(super) fn gather(
    first: Append,
    appends: &Receiver<Append>,
    delay: Duration,
    mut take: impl FnMut(Append),
) {
    let until = Instant::now() + delay;
    let mut urgent = first.urgent;
    let mut records = first.records.len();
    take(first);
    while records < GROUP_RECORDS_MAX {
        // What is there already goes with it; only waiting ends with the first urgent one.
        let wait =
            if urgent { Duration::ZERO } else { until.saturating_duration_since(Instant::now()) };
        match appends.recv_timeout(wait) {
            Ok(append) => {
                urgent |= append.urgent;
                records += append.records.len();
                take(append);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
}
