//! What became of polls, in figures for health records.

use super::histogram::{Histogram, Spread};
use cellwatch_model::Mono;

/// What became of polls since the start. Each poll that was made ends as one of `replies`, `timeouts`
/// and `errors`; `skipped` were due and not made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) polls: u64,
    pub(crate) replies: u64,
    pub(crate) timeouts: u64,
    pub(crate) errors: u64,
    pub(crate) skipped: u64,
    /// Reads in a row to see whether a value is torn, beyond the first of a poll.
    pub(crate) rereads: u64,
    /// Replies to no open request: nobody's (LAW-01).
    pub(crate) strays: u64,
}

/// How punctual polls were and how fast the answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    jitter: Histogram,
    round_trip: Histogram,
}

impl Times {
    pub(super) fn asked(&mut self, due: Mono, now: Mono) {
        self.jitter.add(us_since(now, due));
    }

    pub(super) fn answered(&mut self, asked: Mono, now: Mono) {
        self.round_trip.add(us_since(now, asked));
    }

    /// Jitter and round trip since the last call.
    pub(super) fn take(&mut self) -> [(&'static str, Option<Spread>); 2] {
        [("jitter", self.jitter.take()), ("round_trip", self.round_trip.take())]
    }
}

const fn us_since(later: Mono, earlier: Mono) -> u64 {
    later.0.saturating_sub(earlier.0) / 1000
}
