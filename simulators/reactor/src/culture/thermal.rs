//! Heat of the vessel: heater, its controller, the independent cut-out, loss to the room.

use super::control::{Lag, Pi};
use super::parameters::Thermal;

/// The heater as it works or fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heater {
    /// By its controller.
    #[default]
    Controlled,
    /// Failed: gives nothing.
    StuckOff,
    /// Failed: gives all it has, until the cut-out opens.
    StuckOn,
}

/// What acts on the vessel during a step.
pub(super) struct ThermalLoad {
    pub(super) volume_l: f64,
    pub(super) agitation_rpm: f64,
    pub(super) oxygen_uptake_mm_per_h: f64,
    pub(super) door_open: bool,
    pub(super) heater: Heater,
}

#[derive(Clone, Debug)]
pub(super) struct Vessel {
    pub(super) temperature_c: f64,
    heater_w: Lag,
    controller: Pi,
    cut_out_open: bool,
    room_c: f64,
}

impl Vessel {
    pub(super) fn new(thermal: &Thermal, start_c: f64, step_s: f64) -> Self {
        let max = thermal.heater_max_w;
        let loss_w = (thermal.loss_w_per_k * (start_c - thermal.room_c)).clamp(0.0, max);
        let mut controller = Pi::new(thermal.gain_w_per_k, thermal.integral_s, 0.0, max);
        controller.settle(loss_w);
        Self {
            temperature_c: start_c,
            heater_w: Lag::new(loss_w, thermal.heater_lag_s, step_s),
            controller,
            cut_out_open: false,
            room_c: thermal.room_c,
        }
    }

    pub(super) fn step(
        &mut self,
        thermal: &Thermal,
        load: &ThermalLoad,
        error_k: f64,
        day: f64,
        step_s: f64,
    ) {
        let wanted_w = self.controller.step(error_k, step_s);
        if self.temperature_c > thermal.cut_out_c {
            self.cut_out_open = true;
        } else if self.temperature_c < thermal.cut_out_c - thermal.cut_out_hysteresis_k {
            self.cut_out_open = false;
        }
        let given_w = match load.heater {
            Heater::Controlled if !self.cut_out_open => wanted_w,
            Heater::StuckOn if !self.cut_out_open => thermal.heater_max_w,
            Heater::Controlled | Heater::StuckOn | Heater::StuckOff => 0.0,
        };
        let heater_w = self.heater_w.step(given_w);

        self.room_c = thermal.room_c + thermal.room_swing_c * (day * std::f64::consts::TAU).sin();
        let door = if load.door_open { thermal.door_open_loss_factor } else { 1.0 };
        let loss_w = door * thermal.loss_w_per_k * (self.temperature_c - self.room_c);
        // mM/h · L · kJ/mol = J/h
        let respiration_w =
            load.oxygen_uptake_mm_per_h * load.volume_l * thermal.respiration_kj_per_mol / 3600.0;
        let rocking_w = thermal.rocking_w_per_rpm * load.agitation_rpm;
        let capacity_j_per_k =
            1000.0 * (thermal.culture_kj_per_k_l * load.volume_l + thermal.tray_kj_per_k);
        self.temperature_c +=
            (heater_w + rocking_w + respiration_w - loss_w) * step_s / capacity_j_per_k;
    }

    pub(super) const fn heater_w(&self) -> f64 {
        self.heater_w.value()
    }

    pub(super) const fn room_c(&self) -> f64 {
        self.room_c
    }
}
