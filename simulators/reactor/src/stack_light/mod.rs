//! A stack light and horn on the coils or holding registers of a Modbus TCP module, with an output watchdog as such modules have.

mod outputs;
mod serve;
#[cfg(test)]
mod tests;

pub use outputs::{Outputs, answer};
pub use serve::serve;
