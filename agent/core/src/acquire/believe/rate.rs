//! A change that physics forbids.
//!
//! A value out of reach of the last believed one is Bad. It is not lost for ever: a level that holds for
//! [`HOLDS`] readings, each within reach of the one before, is a real step and believed from the last of
//! them on; and the longer nothing was believed, the farther the reach.

use cellwatch_model::Mono;

/// So many readings of a new level in a row make it believed.
const HOLDS: u32 = 3;

/// Watches one parameter.
#[derive(Debug)]
pub(super) struct Rate {
    max_per_s: f64,
    /// What two readings may differ by in no time: the last digit and the noise.
    slack: f64,
    believed: Option<(f64, Mono)>,
    suspect: Option<(f64, Mono, u32)>,
}

impl Rate {
    pub(super) const fn new(max_per_s: f64, slack: f64) -> Self {
        Self { max_per_s, slack, believed: None, suspect: None }
    }

    /// Takes a value; true if it can be.
    pub(super) fn is_plausible(&mut self, value: f64, at: Mono) -> bool {
        let in_reach = |(from, since): (f64, Mono)| {
            #[allow(clippy::cast_precision_loss)] // milliseconds of a process lie far below 2^53
            let seconds = at.ms_since(since) as f64 / 1000.0;
            (value - from).abs() <= self.max_per_s * seconds + self.slack
        };
        let held = match self.suspect {
            Some((from, since, held)) if in_reach((from, since)) => held + 1,
            Some(_) | None => 1,
        };
        if self.believed.is_none_or(in_reach) || held >= HOLDS {
            self.believed = Some((value, at));
            self.suspect = None;
            return true;
        }
        self.suspect = Some((value, at, held));
        false
    }
}
