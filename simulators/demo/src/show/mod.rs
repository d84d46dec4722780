//! From the first line to the last.

mod alarm_line;
mod follow;
mod layout;
mod out;
mod run;
mod signals;
mod summary;

pub use alarm_line::alarm_line;
pub use layout::{Places, layout};
pub use out::Out;
pub use run::run;
pub use summary::summary;

#[cfg(test)]
mod tests;
