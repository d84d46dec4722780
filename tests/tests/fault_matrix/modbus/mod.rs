//! Faults of Modbus devices: the simulated reactor breaks, by the same requests that its control port takes.

mod cell;
mod plant;
mod profiles;
mod rows;
mod seen;
mod wiring;

pub(crate) use rows::section;
