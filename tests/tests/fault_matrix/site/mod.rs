//! One cell's site: the shipped core and adapters between devices, the first of which breaks.

mod cell;
mod fault;
mod plant;
mod profiles;
mod seen;
mod standstill;
mod truth;
mod wiring;

pub(crate) use cell::run;
pub(crate) use fault::{Expected, Fault, words};
pub(crate) use wiring::Way;

/// Indexes of parameters in the profile of the device that breaks.
pub(crate) const TEMP: usize = 1;
pub(crate) const PROBE: usize = 2;
pub(crate) const MASS: usize = 3;
