//! Which appends share a commit.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::work::{Handed, Work};

/// A commit takes no further append when it has this many records.
pub const GROUP_RECORDS_MAX: usize = 4096;

/// Gathers what is to be committed with `first`, as soon as an urgent append, the delay, the largest commit or
/// something else than an append is reached. Gives each append to `take`, in order, and what came else.
pub(super) fn gather(
    first: Handed,
    works: &Receiver<Work>,
    delay: Duration,
    mut take: impl FnMut(Handed),
) -> Option<Work> {
    let until = Instant::now() + delay;
    let mut urgent = first.append.urgent;
    let mut records = first.append.records.len();
    take(first);
    while records < GROUP_RECORDS_MAX {
        // What is there already goes with it; only waiting ends with the first urgent one.
        let wait =
            if urgent { Duration::ZERO } else { until.saturating_duration_since(Instant::now()) };
        match works.recv_timeout(wait) {
            Ok(Work::Append(handed)) => {
                urgent |= handed.append.urgent;
                records += handed.append.records.len();
                take(handed);
            }
            Ok(other) => return Some(other),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    None
}
