//! What is gathered of an excursion: extremes, area, trend.

use std::collections::VecDeque;

use cellwatch_alarm::Direction;
use cellwatch_model::Mono;

/// Points of a trend, at most.
pub(super) const TREND_MAX: usize = 60;
/// Points of a trend are at least so far apart, milliseconds: sixty of them are ten minutes.
const TREND_STEP_MS: u64 = 10_000;
/// A value counts for the area until the next one, at most so long, milliseconds: beyond it is a gap.
const HOLD_MAX_MS: u64 = 60_000;

/// The latest values of a parameter, thinned out.
#[derive(Clone, Debug, Default)]
pub(super) struct Trend(VecDeque<(Mono, f64)>);

impl Trend {
    pub(super) fn push(&mut self, at: Mono, value: f64) {
        if self.0.back().is_some_and(|(last, _)| at.ms_since(*last) < TREND_STEP_MS) {
            return;
        }
        if self.0.len() == TREND_MAX {
            self.0.pop_front();
        }
        self.0.push_back((at, value));
    }

    pub(super) fn until(&self, end: Mono) -> Vec<(Mono, f64)> {
        self.0.iter().copied().filter(|(at, _)| *at < end).collect()
    }
}

/// Adds a point to the values after the return; full and too close ones are left out.
pub(super) fn push_after(after: &mut Vec<(Mono, f64)>, at: Mono, value: f64) {
    let too_close = after.last().is_some_and(|(last, _)| at.ms_since(*last) < TREND_STEP_MS);
    if after.len() < TREND_MAX && !too_close {
        after.push((at, value));
    }
}

/// Area that `value` has beyond the limit from `from` until `to`, in its unit times seconds.
#[allow(clippy::cast_precision_loss)] // at most a minute of milliseconds
pub(super) fn area(direction: Direction, limit: f64, value: f64, from: Mono, to: Mono) -> f64 {
    let beyond = match direction {
        Direction::High => value - limit,
        Direction::Low => limit - value,
    };
    let ms = to.ms_since(from);
    if ms > HOLD_MAX_MS { 0.0 } else { beyond.max(0.0) * (ms as f64) / 1000.0 }
}
