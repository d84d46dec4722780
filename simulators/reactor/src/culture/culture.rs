//! The culture: everything together, moved on by fixed steps.

use std::time::Duration;

use super::Signal;
use super::acidity::{AcidBase, AcidLoad};
use super::cells::{Cells, Surroundings};
use super::gas::{GasLoad, GasSide};
use super::motion::Platform;
use super::noise;
use super::parameters::{IDLE, Parameters, Phase};
use super::sensors::Sensors;
use super::set_points::{SetPointRefused, SetPointValues};
use super::thermal::{Heater, ThermalLoad, Vessel};
use super::volume::Volume;

/// The internal step of process time. Callers may advance by any amounts: what counts is their sum.
pub const STEP: Duration = Duration::from_millis(500);
const STEP_S: f64 = 0.5;
const STEP_H: f64 = STEP_S / 3600.0;
/// Noise stream of the donor.
const DONOR: u64 = 2000;

/// How a culture starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartState {
    /// At its set-points.
    #[default]
    Warmed,
    /// At room temperature, in medium that has stood in air.
    Cold,
}

/// There is no such phase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("phase \"{asked}\" is not known; known are {known}")]
pub struct UnknownPhase {
    /// What was asked for.
    pub asked: String,
    /// What there is.
    pub known: String,
}

/// A culture in its reactor.
#[derive(Clone, Debug)]
pub struct Culture {
    parameters: Parameters,
    set_points: SetPointValues,
    /// The heater as it works or fails.
    pub heater: Heater,
    /// The rocking drive stands still.
    pub agitation_stopped: bool,
    /// The door is open.
    pub door_open: bool,
    pending: Duration,
    steps: u64,
    phase: Option<usize>,
    phase_steps: u64,
    vessel: Vessel,
    platform: Platform,
    gas: GasSide,
    acid: AcidBase,
    cells: Cells,
    volume: Volume,
    sensors: Sensors,
}

impl Culture {
    /// A culture at seeding, in the first phase. The seed makes donor, drifts and noise.
    #[must_use]
    pub fn new(parameters: Parameters, seed: u64, start: StartState) -> Self {
        let set_points = SetPointValues::new(&parameters.set_points);
        let gas = &parameters.gas;
        let (temperature_c, oxygen, pco2) = match start {
            StartState::Warmed => (
                set_points.temperature_c,
                set_points.oxygen_percent_air,
                set_points.co2_percent / 100.0 * gas.dry_pressure_mmhg,
            ),
            // 1 % CO₂ is what medium keeps that stood open for some hours.
            StartState::Cold => (parameters.thermal.room_c, 100.0, 0.01 * gas.dry_pressure_mmhg),
        };
        let spread = parameters.growth.donor_spread_percent / 100.0;
        let donor = (1.0 + spread * noise::normal(seed, DONOR, 0)).max(0.1);
        let flow = set_points.gas_flow_l_per_min;
        let co2 = set_points.co2_percent;
        let mut culture = Self {
            vessel: Vessel::new(&parameters.thermal, temperature_c, STEP_S),
            platform: Platform::new(&parameters.motion, STEP_S),
            gas: GasSide::new(gas, flow, co2, oxygen, STEP_S),
            acid: AcidBase::new(
                &parameters.acidity,
                parameters.vessel.bicarbonate_mm,
                pco2,
                set_points.co2_percent,
            ),
            cells: Cells::new(&parameters.vessel, donor),
            volume: Volume::new(&parameters.vessel),
            sensors: Sensors::default(),
            set_points,
            heater: Heater::Controlled,
            agitation_stopped: false,
            door_open: false,
            pending: Duration::ZERO,
            steps: 0,
            phase: None,
            phase_steps: 0,
            parameters,
        };
        culture.begin(Some(0));
        let sensors =
            Sensors::new(&culture.parameters.sensors, seed, STEP_S, |signal| culture.truth(signal));
        culture.sensors = sensors;
        culture
    }

    /// Lets process time pass. Any cut of the same time gives the same culture.
    pub fn advance(&mut self, process_time: Duration) {
        self.pending += process_time;
        while self.pending >= STEP {
            self.pending -= STEP;
            self.step();
        }
    }

    /// Parameters of the model.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Time since seeding, h.
    #[must_use]
    pub fn age_h(&self) -> f64 {
        hours(self.steps)
    }

    /// Id of the phase; `idle` after the last.
    #[must_use]
    pub fn phase(&self) -> &str {
        self.current().map_or(IDLE, |phase| phase.id.as_str())
    }

    /// Time in the phase, h.
    #[must_use]
    pub fn phase_h(&self) -> f64 {
        hours(self.phase_steps)
    }

    /// Age at which a phase begins when every one lasts as long as its parameters say, h.
    ///
    /// # Errors
    /// There is no such phase.
    pub fn phase_begins_h(&self, id: &str) -> Result<f64, UnknownPhase> {
        let index = self.find(id)?.unwrap_or(self.parameters.phases.len());
        Ok(self.parameters.phases.iter().take(index).map(|phase| phase.duration_h).sum())
    }

    /// Ids of the phases in their order, `idle` first.
    pub fn phase_ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(IDLE).chain(self.parameters.phases.iter().map(|phase| phase.id.as_str()))
    }

    /// Begins a phase now, with its rocking.
    ///
    /// # Errors
    /// There is no such phase.
    pub fn enter_phase(&mut self, id: &str) -> Result<(), UnknownPhase> {
        let phase = self.find(id)?;
        self.begin(phase);
        Ok(())
    }

    /// Set-points in force.
    #[must_use]
    pub const fn set_points(&self) -> &SetPointValues {
        &self.set_points
    }

    /// Sets a set-point at the panel, in its signal's unit.
    ///
    /// # Errors
    /// The signal is not a set-point, or the panel does not take the value.
    pub fn set(&mut self, signal: Signal, value: f64) -> Result<(), SetPointRefused> {
        self.set_points.set(signal, value)
    }

    /// Puts every set-point to what the device has before anybody sets one.
    pub fn set_defaults(&mut self) {
        self.set_points = SetPointValues::new(&self.parameters.set_points);
    }

    /// The true value, in the signal's unit.
    #[must_use]
    pub fn truth(&self, signal: Signal) -> f64 {
        match signal {
            Signal::Temperature => self.vessel.temperature_c,
            Signal::Ph => self.acid.ph(&self.parameters.gas),
            Signal::Oxygen => self.gas.oxygen_percent_air,
            Signal::Pco2 => self.acid.pco2_mmhg,
            Signal::Agitation => self.platform.speed_rpm(),
            Signal::RockAngle => self.platform.angle_deg(),
            Signal::BagPressure => self.gas.pressure_mbar(),
            Signal::Weight => {
                1000.0 * self.volume.volume_l * self.parameters.vessel.density_g_per_ml
            }
            Signal::GasFlow => self.gas.flow_l_per_min(),
            Signal::Co2Inlet => self.gas.co2_percent(),
            Signal::O2Inlet => self.gas.o2_percent(),
            Signal::PerfusionFlow => self.volume.feed_ml_per_h(),
            Signal::Glucose => self.cells.glucose_mm,
            Signal::Lactate => self.cells.lactate_mm,
            Signal::Cells => self.cells.viable_1e6_per_ml,
            Signal::Viability => self.cells.viability_percent(),
            Signal::HeaterOutput => {
                100.0 * self.vessel.heater_w() / self.parameters.thermal.heater_max_w
            }
            Signal::Room => self.vessel.room_c(),
            Signal::TemperatureSetPoint => self.set_points.temperature_c,
            Signal::PhSetPoint => self.set_points.ph,
            Signal::OxygenSetPoint => self.set_points.oxygen_percent_air,
            Signal::AgitationSetPoint => self.set_points.agitation_rpm,
            Signal::RockAngleSetPoint => self.set_points.angle_deg,
            Signal::GasFlowSetPoint => self.set_points.gas_flow_l_per_min,
            Signal::Co2InletSetPoint => self.set_points.co2_percent,
            Signal::Door => f64::from(u8::from(self.door_open)),
        }
    }

    /// What the sensor shows in its conversion number `sample`, in the signal's unit.
    #[must_use]
    pub fn shown(&self, signal: Signal, sample: u64) -> f64 {
        self.sensors.shown(signal, self.truth(signal), self.age_h() / 24.0, sample)
    }

    fn seen(&self, signal: Signal) -> f64 {
        self.sensors.seen(signal, self.truth(signal), self.age_h() / 24.0)
    }

    fn current(&self) -> Option<&Phase> {
        self.phase.and_then(|index| self.parameters.phases.get(index))
    }

    fn find(&self, id: &str) -> Result<Option<usize>, UnknownPhase> {
        if id == IDLE {
            return Ok(None);
        }
        let found = self.parameters.phases.iter().position(|phase| phase.id == id);
        found.map(Some).ok_or_else(|| UnknownPhase {
            asked: id.to_owned(),
            known: self.phase_ids().collect::<Vec<_>>().join(", "),
        })
    }

    fn begin(&mut self, phase: Option<usize>) {
        self.phase = phase;
        self.phase_steps = 0;
        let (rpm, degrees) =
            self.current().map_or((0.0, 0.0), |phase| (phase.agitation_rpm, phase.angle_deg));
        self.set_points.agitation_rpm = rpm;
        self.set_points.angle_deg = degrees;
    }

    fn step(&mut self) {
        self.steps += 1;
        self.phase_steps += 1;
        let over = self.current().is_some_and(|phase| hours(self.phase_steps) > phase.duration_h);
        if over {
            let next = self.phase.map(|index| index + 1);
            self.begin(next.filter(|index| *index < self.parameters.phases.len()));
        }
        self.step_vessel();
        self.step_culture();
        let mut sensors = std::mem::take(&mut self.sensors);
        sensors.step(|signal| self.truth(signal));
        self.sensors = sensors;
    }

    /// Heat, motion, gas, volume.
    fn step_vessel(&mut self) {
        let parameters = &self.parameters;
        let rates = self.cells.rates();
        let heat_error = self.set_points.temperature_c - self.seen(Signal::Temperature);
        let oxygen_seen = self.seen(Signal::Oxygen);
        let day = hours(self.steps) / 24.0;
        let load = ThermalLoad {
            volume_l: self.volume.volume_l,
            agitation_rpm: self.platform.speed_rpm(),
            oxygen_uptake_mm_per_h: rates.oxygen_uptake_mm_per_h,
            door_open: self.door_open,
            heater: self.heater,
        };
        self.vessel.step(&parameters.thermal, &load, heat_error, day, STEP_S);
        let set = &self.set_points;
        self.platform.step(set.agitation_rpm, set.angle_deg, self.agitation_stopped);
        let load = GasLoad {
            flow_set_l_per_min: set.gas_flow_l_per_min,
            co2_wanted_percent: self.acid.co2_wanted_percent(),
            oxygen_set_percent_air: set.oxygen_percent_air,
            oxygen_seen_percent_air: oxygen_seen,
            oxygen_uptake_mm_per_h: rates.oxygen_uptake_mm_per_h,
            kla_per_h: self.platform.kla_per_h(&parameters.gas),
        };
        self.gas.step(&parameters.gas, &load, STEP_S);
        let phase = self.phase.and_then(|index| parameters.phases.get(index));
        let cells = self.cells.viable_1e6_per_ml;
        self.volume.step(&parameters.vessel, &parameters.perfusion, phase, cells, STEP_H);
    }

    /// Cells and acidity.
    fn step_culture(&mut self) {
        let parameters = &self.parameters;
        let around = Surroundings {
            age_h: hours(self.steps),
            temperature_c: self.vessel.temperature_c,
            ph: self.acid.ph(&parameters.gas),
            oxygen_percent_air: self.gas.oxygen_percent_air,
            dilution_per_h: self.volume.dilution_per_h(),
            feed_glucose_mm: parameters.perfusion.feed_glucose_mm,
        };
        self.cells.step(&parameters.growth, &around, STEP_H);
        let rates = self.cells.rates();
        let load = AcidLoad {
            ph_set: self.set_points.ph,
            ph_seen: self.seen(Signal::Ph),
            co2_set_percent: self.set_points.co2_percent,
            co2_inlet_percent: self.gas.co2_percent(),
            kla_per_h: self.platform.kla_per_h(&parameters.gas),
            oxygen_uptake_mm_per_h: rates.oxygen_uptake_mm_per_h,
            lactate_made_mm_per_h: rates.lactate_made_mm_per_h,
            dilution_per_h: around.dilution_per_h,
            feed_bicarbonate_mm: parameters.perfusion.feed_bicarbonate_mm,
        };
        self.acid.step(&parameters.acidity, &parameters.gas, &load, STEP_S);
    }
}

#[allow(clippy::cast_precision_loss)] // 2^53 half-seconds are more than any run
fn hours(steps: u64) -> f64 {
    steps as f64 * STEP_H
}
