//! Modbus TCP and RTU: framing, function codes, listeners.
//!
//! The framing is the simulator's own, seven bytes of header: a library that answers correctly cannot stay
//! silent, answer late out of turn or carry a wrong header, and the agent shall not meet its own library's
//! mistakes on the other end (Modbus Messaging on TCP/IP V1.0b, §3.1.3).

pub mod damage;
mod listen;
pub mod mbap;
pub mod pdu;
pub mod rtu;
pub mod server;

pub use listen::MAX_CONNECTIONS;
