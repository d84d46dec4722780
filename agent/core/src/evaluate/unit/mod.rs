//! One unit: a vessel with its devices, its parameters, its batch, its results and its alarms.

mod links;
mod machine;
mod parameter;
mod people;
mod phases;
mod results;
mod saving;

pub(crate) use machine::{Unit, UnitOutput};
pub(crate) use parameter::{Origin, ParameterState};
