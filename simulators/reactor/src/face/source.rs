//! Where the value of a parameter comes from.

use cellwatch_config::profile::{DataType, OwnWord, Parameter, Role};
use cellwatch_model::UnitOfMeasure;

use crate::culture::Signal;

/// Where the value of a parameter comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The culture: the signal's value times `factor` is in the parameter's unit.
    Culture {
        /// What it shows.
        signal: Signal,
        /// Parameter's unit per signal's unit.
        factor: f64,
    },
    /// The phase of the run.
    Phase,
    /// A counter that advances once in a second of device time.
    Heartbeat,
    /// Seconds since the device was switched on.
    Uptime,
    /// Its own time, seconds since 1970-01-01 UTC.
    Clock,
    /// The serial number.
    Serial,
    /// Not a part of the process model: wanders slowly between both ends, for maps larger than the model.
    Wandering {
        /// Least.
        low: f64,
        /// Most.
        high: f64,
    },
    /// Not a part of the process model, and not a number: always this raw number.
    Constant(i64),
}

impl Source {
    /// Chooses the source of a parameter by its role and name.
    ///
    /// # Errors
    /// The parameter has a name of the model in a unit that its signal cannot be told in.
    pub fn of(parameter: &Parameter) -> Result<Self, String> {
        match parameter.role {
            Role::Phase => return Ok(Self::Phase),
            Role::Heartbeat => return Ok(Self::Heartbeat),
            Role::Serial => return Ok(Self::Serial),
            Role::Process if parameter.own_word == Some(OwnWord::Uptime) => {
                return Ok(Self::Uptime);
            }
            Role::Process if parameter.own_word == Some(OwnWord::Clock) => {
                return Ok(Self::Clock);
            }
            Role::Process => {}
        }
        if let Some(signal) = Signal::from_name(&parameter.name) {
            let (from, to) = (signal.unit(), parameter.unit);
            return match factor(from, to) {
                Some(factor) => Ok(Self::Culture { signal, factor }),
                None => Err(format!("the model tells it in {from}, which does not become {to}")),
            };
        }
        if let Some(raw) = parameter.values.keys().next() {
            return Ok(Self::Constant(*raw));
        }
        Ok(match parameter.data_type {
            DataType::Bit | DataType::RegisterBit(_) | DataType::Text(_) => Self::Constant(0),
            DataType::U16
            | DataType::I16
            | DataType::U32
            | DataType::I32
            | DataType::U64
            | DataType::I64
            | DataType::F32
            | DataType::F64 => {
                let (low, high) = parameter.range.unwrap_or((0.0, 100.0));
                Self::Wandering { low, high }
            }
        })
    }

    /// For people.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Culture { .. } => "culture",
            Self::Phase => "phase",
            Self::Heartbeat => "heartbeat",
            Self::Uptime => "uptime",
            Self::Clock => "clock",
            Self::Serial => "serial",
            Self::Wandering { .. } => "wandering",
            Self::Constant(_) => "constant",
        }
    }
}

/// Units of `to` per unit of `from`.
fn factor(from: UnitOfMeasure, to: UnitOfMeasure) -> Option<f64> {
    use UnitOfMeasure as Unit;
    match (from, to) {
        (from, to) if from == to => Some(1.0),
        (Unit::Ph, Unit::One) => Some(1.0),
        (Unit::Gram, Unit::Kilogram) => Some(0.001),
        (Unit::Millibar, Unit::Pascal) => Some(100.0),
        (Unit::LitrePerMinute, Unit::MillilitrePerMinute) => Some(1000.0),
        (Unit::LitrePerMinute, Unit::MillilitrePerHour) => Some(60_000.0),
        (Unit::MillilitrePerHour, Unit::MillilitrePerMinute) => Some(1.0 / 60.0),
        (Unit::MillilitrePerHour, Unit::LitrePerMinute) => Some(1.0 / 60_000.0),
        _ => None,
    }
}
