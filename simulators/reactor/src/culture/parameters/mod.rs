//! Parameters of the process model, from a TOML file whose keys carry the units.

mod parse;
mod section;
mod sections;

pub(crate) use parse::IDLE;
pub use parse::{ParameterProblem, ParameterProblems, Parameters};
pub use sections::{
    Acidity, Gas, Growth, Motion, Perfusion, Phase, Sensors, SetPoints, Thermal, Vessel,
};

#[cfg(test)]
mod tests;
