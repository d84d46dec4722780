//! A change that physics forbids.
//!
//! A value out of reach of the last believed one is Bad. It is not lost for ever: a level that holds for
//! [`HOLDS`] readings, each within reach of the one before, is a real step and believed from the last of
//! them on; and the longer nothing was believed, the farther the reach.
//!
//! A profile says how fast the sensor can change from one reading to the next. A Master File says how much the process
//! can change within a minute: noise from reading to reading is none of that, so the change of a whole minute may
//! come at once, and changes add up until the minute is over.

use cellwatch_model::Mono;

/// So many readings of a new level in a row make it believed.
const HOLDS: u32 = 3;
/// A Master File speaks of a minute.
const MINUTE_MS: u64 = 60_000;

/// Watches one parameter.
#[derive(Debug)]
pub(super) struct Rate {
    max_per_s: f64,
    /// What two readings may differ by in no time: the last digit and the noise.
    slack: f64,
    /// The change of this much time may come at once, milliseconds.
    window_ms: u64,
    believed: Option<(f64, Mono)>,
    suspect: Option<(f64, Mono, u32)>,
}

impl Rate {
    pub(super) const fn new(max_per_s: f64, slack: f64) -> Self {
        Self { max_per_s, slack, window_ms: 0, believed: None, suspect: None }
    }

    /// What the process may change within a minute, however it does.
    pub(super) const fn within_a_minute(max_per_min: f64, slack: f64) -> Self {
        let window_ms = MINUTE_MS;
        Self { max_per_s: max_per_min / 60.0, slack, window_ms, believed: None, suspect: None }
    }

    /// Another change is allowed from now on.
    pub(super) const fn set_per_min(&mut self, max_per_min: f64) {
        self.max_per_s = max_per_min / 60.0;
    }

    /// Takes a value; true if it can be.
    pub(super) fn is_plausible(&mut self, value: f64, at: Mono) -> bool {
        let in_reach = |(from, since): (f64, Mono)| {
            #[allow(clippy::cast_precision_loss)] // milliseconds of a process lie far below 2^53
            let seconds = at.ms_since(since).max(self.window_ms) as f64 / 1000.0;
            (value - from).abs() <= self.max_per_s * seconds + self.slack
        };
        let held = match self.suspect {
            Some((from, since, held)) if in_reach((from, since)) => held + 1,
            Some(_) | None => 1,
        };
        let in_reach_of_believed = self.believed.is_none_or(in_reach);
        if in_reach_of_believed || held >= HOLDS {
            let age_ms = self.believed.map_or(u64::MAX, |(_, since)| at.ms_since(since));
            // Within the window, changes add up from where it began.
            if age_ms >= self.window_ms || !in_reach_of_believed {
                self.believed = Some((value, at));
            }
            self.suspect = None;
            return true;
        }
        self.suspect = Some((value, at, held));
        false
    }
}
