//! The Master File: what the Control Site approved for a product (LAW-05).

mod model;

pub use model::{Activation, Alarm, AlarmClass, Equipment, MasterFile, Parameter, Phase};
