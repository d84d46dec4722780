//! The Master File: what the Control Site approved for a product (LAW-05).

mod alarm;
mod limits;
mod model;
mod parameter;
mod parse;
mod phase;
#[cfg(test)]
mod tests;

pub use model::{Activation, Alarm, AlarmClass, Equipment, MasterFile, Parameter, Phase};
pub use parse::parse;
