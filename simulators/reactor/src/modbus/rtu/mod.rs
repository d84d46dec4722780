//! Modbus RTU: frames, a bus with several units, a pty that stands for a serial port.
//!
//! Written apart from the agent's, so that neither hides the other's mistakes. The bus paces its bytes by
//! the baud rate (11 bits a byte), as a line does. The kernel's ptys carry eight bits and no parity:
//! a port with parity cannot be opened on one, and there is none to be checked.

mod bus;
mod frame;
mod pty;
mod tcp;

pub use bus::{Baud, Units};
pub use frame::{crc16, framed, request};
pub use pty::Pty;
pub use tcp::serve_tcp;
