//! The command line.

mod arguments;
mod duration;
mod run;
mod supervised;

pub use arguments::{BrokerArgs, Cli, Command, DemoArgs, FOR_MIN};
pub use duration::{DurationError, parse as parse_duration};
pub use run::run;

#[cfg(test)]
mod tests;
