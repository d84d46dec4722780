//! pH: CO₂ and bicarbonate after Henderson and Hasselbalch, lactic acid, base, the pH controller.

use super::control::Pi;
use super::parameters::{Acidity, Gas};

#[derive(Clone, Debug)]
pub(super) struct AcidBase {
    pub(super) bicarbonate_mm: f64,
    pub(super) pco2_mmhg: f64,
    controller: Pi,
    co2_wanted_percent: f64,
}

/// What acts on the acid-base balance during a step.
pub(super) struct AcidLoad {
    pub(super) ph_set: f64,
    /// As the controller sees it, through the sensor.
    pub(super) ph_seen: f64,
    pub(super) co2_set_percent: f64,
    pub(super) co2_inlet_percent: f64,
    pub(super) kla_per_h: f64,
    pub(super) oxygen_uptake_mm_per_h: f64,
    pub(super) lactate_made_mm_per_h: f64,
    pub(super) dilution_per_h: f64,
    pub(super) feed_bicarbonate_mm: f64,
}

impl AcidBase {
    pub(super) const fn new(
        acidity: &Acidity,
        bicarbonate_mm: f64,
        pco2_mmhg: f64,
        co2_percent: f64,
    ) -> Self {
        let trim = acidity.co2_trim_percent;
        let controller =
            Pi::new(acidity.co2_gain_percent_per_ph, acidity.co2_integral_s, -trim, trim);
        Self { bicarbonate_mm, pco2_mmhg, controller, co2_wanted_percent: co2_percent }
    }

    /// CO₂ that the controller asks for, % of the gas.
    pub(super) const fn co2_wanted_percent(&self) -> f64 {
        self.co2_wanted_percent
    }

    pub(super) fn ph(&self, gas: &Gas) -> f64 {
        gas.pka + (self.bicarbonate_mm / (gas.co2_mm_per_mmhg * self.pco2_mmhg)).log10()
    }

    pub(super) fn step(&mut self, acidity: &Acidity, gas: &Gas, load: &AcidLoad, step_s: f64) {
        let error = load.ph_seen - load.ph_set;
        self.co2_wanted_percent =
            (load.co2_set_percent + self.controller.step(error, step_s)).max(0.0);
        let below = (-error - acidity.base_dead_zone_ph).max(0.0);
        let base = (acidity.base_gain_mm_per_h_ph * below).min(acidity.base_max_mm_per_h);

        let step_h = step_s / 3600.0;
        let bicarbonate = base - load.lactate_made_mm_per_h
            + load.dilution_per_h * (load.feed_bicarbonate_mm - self.bicarbonate_mm);
        // Every proton of lactic acid turns one bicarbonate into CO₂.
        let made =
            gas.respiratory_quotient * load.oxygen_uptake_mm_per_h + load.lactate_made_mm_per_h;
        let inlet_mmhg = load.co2_inlet_percent / 100.0 * gas.dry_pressure_mmhg;
        let stripped = gas.kla_co2_share * load.kla_per_h * (self.pco2_mmhg - inlet_mmhg);
        let pco2 = made / gas.co2_mm_per_mmhg - stripped;
        self.bicarbonate_mm = (self.bicarbonate_mm + bicarbonate * step_h).max(0.05);
        self.pco2_mmhg = (self.pco2_mmhg + pco2 * step_h).max(0.1);
    }
}
