//! The Master File: what the Control Site approved for a product (LAW-05).

mod alarm;
mod handling;
mod limits;
mod model;
mod parameter;
mod parse;
mod phase;
mod references;
#[cfg(test)]
mod tests;
mod watch;

pub use model::{Activation, Alarm, AlarmClass, Equipment, MasterFile, Parameter, Phase, Watch};
pub use parse::parse;
