//! Volume of the culture: the perfusion ladder, the level controller, the harvest.

use super::parameters::{Perfusion, Phase, Vessel};

#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub(super) volume_l: f64,
    feed_l_per_h: f64,
}

impl Volume {
    pub(super) const fn new(vessel: &Vessel) -> Self {
        Self { volume_l: vessel.volume_l, feed_l_per_h: 0.0 }
    }

    /// Moves one step on. `cells` in 1e6/mL choose the rung of the ladder.
    pub(super) fn step(
        &mut self,
        vessel: &Vessel,
        perfusion: &Perfusion,
        phase: Option<&Phase>,
        cells: f64,
        step_h: f64,
    ) {
        let per_day = match phase {
            Some(phase) if phase.perfused => ladder(perfusion, cells),
            Some(_) | None => 0.0,
        };
        self.feed_l_per_h = per_day / 24.0 * self.volume_l;
        let drained_l_per_h = phase.map_or(0.0, |phase| {
            phase.drained_percent / 100.0 * vessel.volume_l / phase.duration_h
        });
        // The waste pump takes what was fed, and more where the level is high.
        let waste = if per_day > 0.0 {
            let high_l = self.volume_l - vessel.volume_l;
            (self.feed_l_per_h + perfusion.level_gain_per_h * high_l).max(0.0)
        } else {
            0.0
        };
        let change = self.feed_l_per_h - waste - drained_l_per_h;
        let least_l = vessel.volume_l / 20.0;
        self.volume_l = (self.volume_l + change * step_h).max(least_l);
    }

    /// Fresh medium per volume of the culture, 1/h.
    pub(super) fn dilution_per_h(&self) -> f64 {
        self.feed_l_per_h / self.volume_l
    }

    pub(super) fn feed_ml_per_h(&self) -> f64 {
        1000.0 * self.feed_l_per_h
    }
}

fn ladder(perfusion: &Perfusion, cells: f64) -> f64 {
    if cells >= perfusion.step_3_1e6_per_ml {
        perfusion.step_3_per_day
    } else if cells >= perfusion.step_2_1e6_per_ml {
        perfusion.step_2_per_day
    } else if cells >= perfusion.step_1_1e6_per_ml {
        perfusion.step_1_per_day
    } else {
        0.0
    }
}
