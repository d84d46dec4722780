//! The process model: a perfused T-cell culture in a rocking bag, in virtual time.
//!
//! In: how much process time has passed, set-points, what is broken. Out: true values and what the sensors
//! show. No clock, no I/O; the same seed and the same calls give the same bits.
//!
//! ```text
//! set-points ─▶ controllers ─▶ heater, gas, base ─▶ vessel ─▶ cells ─▶ glucose, lactate, O₂, CO₂, pH
//!                   ▲                                  │
//!                   └───────── sensors: lag, drift ◀───┘ ──▶ + noise ──▶ registers
//! ```
//! Growth after the Manchester ambr15 T-cell model, acidity by Henderson and Hasselbalch; each number has
//! its source in `parameters.toml`.

mod acidity;
mod cells;
mod control;
#[expect(clippy::module_inception, reason = "the folder is named after its main type")]
mod culture;
mod gas;
mod motion;
pub(crate) mod noise;
pub mod parameters;
mod sensors;
mod set_points;
mod signal;
mod thermal;
mod volume;

pub use culture::{Culture, STEP, StartState, UnknownPhase};
pub use parameters::{ParameterProblem, ParameterProblems, Parameters};
pub use set_points::{SetPointRefused, SetPointValues};
pub use signal::Signal;
pub use thermal::Heater;

#[cfg(test)]
mod tests;
