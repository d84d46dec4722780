//! Set-points as the device's panel shows them.

use super::Signal;
use super::parameters::SetPoints;

/// Set-points in force.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPointValues {
    /// Temperature, °C.
    pub temperature_c: f64,
    /// pH.
    pub ph: f64,
    /// Dissolved oxygen, % air.
    pub oxygen_percent_air: f64,
    /// Rocking speed, rpm.
    pub agitation_rpm: f64,
    /// Rocking angle, °.
    pub angle_deg: f64,
    /// Gas flow, L/min.
    pub gas_flow_l_per_min: f64,
    /// CO₂ of the inlet, %.
    pub co2_percent: f64,
}

/// The panel does not take this.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SetPointRefused {
    /// Not a set-point.
    #[error("{name} is not a set-point; set-points are {known}", known = known())]
    NotASetPoint {
        /// What was asked for.
        name: String,
    },
    /// Beyond what the panel takes.
    #[error("{name} = {value} is beyond what the panel takes: {low} to {high} {unit}")]
    OutOfRange {
        /// The set-point.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Least.
        low: f64,
        /// Most.
        high: f64,
        /// Unit of measure.
        unit: &'static str,
    },
}

fn known() -> String {
    let names: Vec<&str> =
        Signal::ALL.iter().filter(|one| one.is_set_point()).map(|one| one.name()).collect();
    names.join(", ")
}

impl SetPointValues {
    pub(super) const fn new(start: &SetPoints) -> Self {
        Self {
            temperature_c: start.temperature_c,
            ph: start.ph,
            oxygen_percent_air: start.oxygen_percent_air,
            agitation_rpm: 0.0,
            angle_deg: 0.0,
            gas_flow_l_per_min: start.gas_flow_l_per_min,
            co2_percent: start.co2_percent,
        }
    }

    /// Sets one, in its signal's unit.
    ///
    /// # Errors
    /// The signal is not a set-point, or the panel does not take the value.
    pub fn set(&mut self, signal: Signal, value: f64) -> Result<(), SetPointRefused> {
        let name = signal.name();
        let (place, low, high) = match signal {
            Signal::TemperatureSetPoint => (&mut self.temperature_c, 4.0, 42.0),
            Signal::PhSetPoint => (&mut self.ph, 6.0, 8.0),
            Signal::OxygenSetPoint => (&mut self.oxygen_percent_air, 0.0, 150.0),
            Signal::AgitationSetPoint => (&mut self.agitation_rpm, 0.0, 40.0),
            Signal::RockAngleSetPoint => (&mut self.angle_deg, 0.0, 12.0),
            Signal::GasFlowSetPoint => (&mut self.gas_flow_l_per_min, 0.0, 1.0),
            Signal::Co2InletSetPoint => (&mut self.co2_percent, 0.0, 15.0),
            Signal::Temperature
            | Signal::Ph
            | Signal::Oxygen
            | Signal::Pco2
            | Signal::Agitation
            | Signal::RockAngle
            | Signal::BagPressure
            | Signal::Weight
            | Signal::GasFlow
            | Signal::Co2Inlet
            | Signal::O2Inlet
            | Signal::PerfusionFlow
            | Signal::Glucose
            | Signal::Lactate
            | Signal::Cells
            | Signal::Viability
            | Signal::HeaterOutput
            | Signal::Room
            | Signal::Door => {
                return Err(SetPointRefused::NotASetPoint { name: name.to_owned() });
            }
        };
        if !(low..=high).contains(&value) {
            let unit = signal.unit().symbol();
            return Err(SetPointRefused::OutOfRange { name, value, low, high, unit });
        }
        *place = value;
        Ok(())
    }
}
