//! Gas flow, inlet mixture, bag pressure and dissolved oxygen.

use super::control::{Lag, Pi};
use super::parameters::Gas;

/// O₂ of dry air, %.
const AIR_OXYGEN_PERCENT: f64 = 20.95;

#[derive(Clone, Debug)]
pub(super) struct GasSide {
    flow_l_per_min: Lag,
    co2_percent: Lag,
    o2_percent: Lag,
    pressure_mbar: Lag,
    oxygen_controller: Pi,
    pub(super) oxygen_percent_air: f64,
}

/// What acts on the gas side during a step.
pub(super) struct GasLoad {
    pub(super) flow_set_l_per_min: f64,
    pub(super) co2_wanted_percent: f64,
    pub(super) oxygen_set_percent_air: f64,
    /// As the controller sees it, through the sensor.
    pub(super) oxygen_seen_percent_air: f64,
    pub(super) oxygen_uptake_mm_per_h: f64,
    pub(super) kla_per_h: f64,
}

impl GasSide {
    pub(super) fn new(
        gas: &Gas,
        flow: f64,
        co2_percent: f64,
        oxygen_percent_air: f64,
        step_s: f64,
    ) -> Self {
        // The output is the distance from the mixture that would hold the set-point without cells.
        let controller = Pi::new(
            gas.oxygen_gain,
            gas.oxygen_integral_s,
            -gas.oxygen_max_percent,
            gas.oxygen_max_percent,
        );
        let o2_percent = AIR_OXYGEN_PERCENT * oxygen_percent_air / 100.0;
        Self {
            flow_l_per_min: Lag::new(flow, gas.flow_lag_s, step_s),
            co2_percent: Lag::new(co2_percent, gas.mixing_lag_s, step_s),
            o2_percent: Lag::new(o2_percent, gas.mixing_lag_s, step_s),
            pressure_mbar: Lag::new(flow * gas.vent_mbar_per_l_min, gas.pressure_lag_s, step_s),
            oxygen_controller: controller,
            oxygen_percent_air,
        }
    }

    pub(super) fn step(&mut self, gas: &Gas, load: &GasLoad, step_s: f64) {
        let flow = self.flow_l_per_min.step(load.flow_set_l_per_min);
        self.pressure_mbar.step(flow * gas.vent_mbar_per_l_min);
        self.co2_percent.step(load.co2_wanted_percent);

        let error = load.oxygen_set_percent_air - load.oxygen_seen_percent_air;
        let hold = AIR_OXYGEN_PERCENT * load.oxygen_set_percent_air / 100.0;
        let wanted = hold + self.oxygen_controller.step(error, step_s);
        let o2 = self.o2_percent.step(wanted.clamp(gas.oxygen_min_percent, gas.oxygen_max_percent));

        let step_h = step_s / 3600.0;
        let gas_percent_air = 100.0 * o2 / AIR_OXYGEN_PERCENT;
        let uptake = 100.0 * load.oxygen_uptake_mm_per_h / gas.oxygen_saturation_mm;
        let change = load.kla_per_h * (gas_percent_air - self.oxygen_percent_air) - uptake;
        self.oxygen_percent_air = (self.oxygen_percent_air + change * step_h).max(0.0);
    }

    pub(super) const fn flow_l_per_min(&self) -> f64 {
        self.flow_l_per_min.value()
    }

    pub(super) const fn co2_percent(&self) -> f64 {
        self.co2_percent.value()
    }

    pub(super) const fn o2_percent(&self) -> f64 {
        self.o2_percent.value()
    }

    pub(super) const fn pressure_mbar(&self) -> f64 {
        self.pressure_mbar.value()
    }
}
