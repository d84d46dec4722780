//! The rocking platform, and how well it mixes.

use super::control::Lag;
use super::parameters::{Gas, Motion};

#[derive(Clone, Debug)]
pub(super) struct Platform {
    speed_rpm: Lag,
    angle_deg: Lag,
}

impl Platform {
    pub(super) fn new(motion: &Motion, step_s: f64) -> Self {
        Self {
            speed_rpm: Lag::new(0.0, motion.speed_lag_s, step_s),
            angle_deg: Lag::new(0.0, motion.angle_lag_s, step_s),
        }
    }

    pub(super) fn step(&mut self, speed_rpm: f64, angle_deg: f64, stopped: bool) {
        // A stopped drive leaves the platform where its brake holds it; the amplitude is gone with the speed.
        let turning = if stopped { 0.0 } else { 1.0 };
        self.speed_rpm.step(turning * speed_rpm);
        self.angle_deg.step(turning * angle_deg);
    }

    pub(super) const fn speed_rpm(&self) -> f64 {
        self.speed_rpm.value()
    }

    pub(super) const fn angle_deg(&self) -> f64 {
        self.angle_deg.value()
    }

    /// kLa of oxygen, 1/h: grows with speed and angle, never below that of a still bag.
    pub(super) fn kla_per_h(&self, gas: &Gas) -> f64 {
        let speed = (self.speed_rpm() / gas.kla_reference_rpm).max(0.0).powf(gas.kla_exponent);
        let angle = (self.angle_deg() / gas.kla_reference_deg).max(0.0);
        (gas.kla_per_h * speed * angle).max(gas.kla_rest_per_h)
    }
}
