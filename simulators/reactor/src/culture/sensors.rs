//! Sensors: lag, drift and noise between the truth and the register.

use super::Signal;
use super::control::Lag;
use super::noise;
use super::parameters::Sensors as Specs;

/// How one sensor is not perfect.
#[derive(Clone, Copy, Debug, Default)]
struct Spec {
    noise: f64,
    noise_percent: f64,
    lag_s: Option<f64>,
    drift_per_day: f64,
}

#[derive(Clone, Debug)]
struct Sensor {
    signal: Signal,
    spec: Spec,
    lag: Option<Lag>,
    drift_per_day: f64,
    stream: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Sensors {
    seed: u64,
    sensors: Vec<Sensor>,
}

impl Sensors {
    pub(super) fn new(
        specs: &Specs,
        seed: u64,
        step_s: f64,
        truth: impl Fn(Signal) -> f64,
    ) -> Self {
        let sensors = (0_u64..)
            .zip(Signal::ALL)
            .map(|(stream, &signal)| {
                let spec = spec(specs, signal);
                let lag = spec.lag_s.map(|lag_s| Lag::new(truth(signal), lag_s, step_s));
                let drift_per_day = spec.drift_per_day * noise::uniform(seed, DRIFT + stream, 0);
                Sensor { signal, spec, lag, drift_per_day, stream }
            })
            .collect();
        Self { seed, sensors }
    }

    /// Lets the lags follow.
    pub(super) fn step(&mut self, truth: impl Fn(Signal) -> f64) {
        for sensor in &mut self.sensors {
            if let Some(lag) = &mut sensor.lag {
                lag.step(truth(sensor.signal));
            }
        }
    }

    /// What the device's own controller sees: lag and drift, the noise filtered out.
    pub(super) fn seen(&self, signal: Signal, truth: f64, age_days: f64) -> f64 {
        let Some(sensor) = self.of(signal) else { return truth };
        let lagged = sensor.lag.as_ref().map_or(truth, Lag::value);
        lagged + sensor.drift_per_day * age_days
    }

    /// What the register shows in conversion number `sample`.
    pub(super) fn shown(&self, signal: Signal, truth: f64, age_days: f64, sample: u64) -> f64 {
        let seen = self.seen(signal, truth, age_days);
        let Some(sensor) = self.of(signal) else { return seen };
        let spread = sensor.spec.noise + sensor.spec.noise_percent / 100.0 * seen.abs();
        if spread > 0.0 {
            seen + spread * noise::normal(self.seed, sensor.stream, sample)
        } else {
            seen
        }
    }

    fn of(&self, signal: Signal) -> Option<&Sensor> {
        self.sensors.iter().find(|sensor| sensor.signal == signal)
    }
}

/// Streams from here on are the drifts'.
const DRIFT: u64 = 1000;

fn spec(specs: &Specs, signal: Signal) -> Spec {
    let absolute = |noise| Spec { noise, ..Spec::default() };
    let relative = |noise_percent| Spec { noise_percent, ..Spec::default() };
    match signal {
        Signal::Temperature => Spec {
            noise: specs.temperature_noise_c,
            lag_s: Some(specs.temperature_lag_s),
            drift_per_day: specs.temperature_drift_c_per_day,
            noise_percent: 0.0,
        },
        Signal::Ph => Spec {
            noise: specs.ph_noise,
            lag_s: Some(specs.ph_lag_s),
            drift_per_day: specs.ph_drift_per_day,
            noise_percent: 0.0,
        },
        Signal::Oxygen => Spec {
            noise: specs.oxygen_noise_percent_air,
            lag_s: Some(specs.oxygen_lag_s),
            drift_per_day: specs.oxygen_drift_percent_air_per_day,
            noise_percent: 0.0,
        },
        Signal::Pco2 => Spec { lag_s: Some(specs.pco2_lag_s), ..absolute(specs.pco2_noise_mmhg) },
        Signal::Room => absolute(specs.temperature_noise_c),
        Signal::Agitation => absolute(specs.agitation_noise_rpm),
        Signal::RockAngle => absolute(specs.angle_noise_deg),
        Signal::BagPressure => absolute(specs.pressure_noise_mbar),
        Signal::Weight => absolute(specs.weight_noise_g),
        Signal::Co2Inlet | Signal::O2Inlet => absolute(specs.inlet_noise_percent),
        Signal::GasFlow | Signal::PerfusionFlow => relative(specs.flow_noise_percent),
        Signal::Glucose | Signal::Lactate => relative(specs.metabolite_noise_percent),
        Signal::Cells => relative(specs.cells_noise_percent),
        Signal::Viability
        | Signal::HeaterOutput
        | Signal::TemperatureSetPoint
        | Signal::PhSetPoint
        | Signal::OxygenSetPoint
        | Signal::AgitationSetPoint
        | Signal::RockAngleSetPoint
        | Signal::GasFlowSetPoint
        | Signal::Co2InletSetPoint
        | Signal::Door => Spec::default(),
    }
}
