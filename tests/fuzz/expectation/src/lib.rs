//! What the reply to a request must look like, as the daemon has it.

#[path = "../../../../agent/daemon/src/modbus/expectation.rs"]
mod expectation;

/// Modbus.
pub mod modbus {
    pub use crate::expectation::{Expectation, WrongReply};
}
