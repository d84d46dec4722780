//! What is broken: in the process, in a sensor's path to its register, in how the device answers.
//!
//! Faults of a sensor lie between sensor and register: the device's own controllers still see the truth.

mod active;
mod conduct;
mod fault;
mod request;

pub use active::{Active, Faults};
pub use conduct::{Conduct, Header, Reach};
pub use fault::{Beyond, Damage, Fault, HeaderField, HeaterMode};
pub use request::{FaultRefused, FaultRequest};

#[cfg(test)]
mod tests;
