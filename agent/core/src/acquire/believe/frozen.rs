//! A value that does not move within its noise for longer than a living sensor can stand still.
//!
//! Frozen is Bad: it must not read as normal. Time counts only while values come, so that neither an
//! outage makes a value frozen nor a missed poll now and then hides that it is. It is believed again at
//! the first movement.

use cellwatch_model::Mono;

/// Between two values no more than so many times their usual distance counts as watched.
const WATCHED_TIMES: u64 = 3;

/// Watches one parameter.
#[derive(Debug)]
pub(super) struct Frozen {
    noise: f64,
    after_ms: u64,
    watched_most_ms: u64,
    still: Option<Still>,
}

#[derive(Debug)]
struct Still {
    value: f64,
    seen: Mono,
    ms: u64,
}

impl Frozen {
    /// `noise` with half a last digit on top, so that a step of exactly the noise is none. A value that stands still is
    /// seen every `seen_every_ms`.
    pub(super) const fn new(noise: f64, after_ms: u64, seen_every_ms: u64) -> Self {
        let watched_most_ms = WATCHED_TIMES.saturating_mul(seen_every_ms);
        Self { noise, after_ms, watched_most_ms, still: None }
    }

    /// Takes a value; true if it is frozen.
    pub(super) fn is_frozen(&mut self, value: f64, at: Mono) -> bool {
        match &mut self.still {
            Some(still) if (value - still.value).abs() <= self.noise => {
                still.ms += at.ms_since(still.seen).min(self.watched_most_ms);
                still.seen = at;
                still.ms >= self.after_ms
            }
            still => {
                *still = Some(Still { value, seen: at, ms: 0 });
                false
            }
        }
    }
}
