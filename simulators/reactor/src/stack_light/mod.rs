//! A stack light and horn on the coils of a Modbus TCP module, with an output watchdog as such modules have.

mod coils;
mod serve;
#[cfg(test)]
mod tests;

pub use coils::{Coils, answer};
pub use serve::serve;
