//! Modbus: asks devices and gives back complete replies to these very requests, or the reason why there
//! are none (LAW-01).
//!
//! Each [`line`] has a task of its own, so that a silent one delays nobody (LAW-07). A line is a
//! Modbus TCP connection, RTU in a TCP connection, or a serial port.
//!
//! # Modbus TCP
//!
//! tokio-modbus 0.17 frames and decodes. Around it stands [`GuardedStream`], which sees the bytes of
//! each request and lets a reply through only when it is whole and answers that request: the
//! library checks length and count only in debug builds, loses bytes that follow a reply, and
//! panics where a reply claims more bits than it carries.
//!
//! A connection is made when it is needed. After a timeout, a wrong reply or any error it is given
//! up and never used again; after an exception it is kept, since that is a complete reply. Before a
//! request on a kept connection, bytes that wait there are a late reply: the connection is given up
//! and the request goes out on a new one. Nothing is ever written to a device but read requests
//! (LAW-09). A connection that is dead without saying so (half open) is found by the request's timeout.
//!
//! # RTU
//!
//! [`cellwatch_core::acquire::rtu`] has the rules; here are the port and the clock. A TCP connection that
//! carries RTU is given up like one of Modbus TCP, and the quiet is kept all the same: the serial server
//! hands a late reply to whoever is connected then. A line that is opened for the first time is quiet for as long as
//! the reply to a request of the agent's process before may take, whichever device on it that was made to.

mod expectation;
mod line;
mod port;
mod rtu;
mod stream;
mod tcp;
#[cfg(test)]
mod tests;

pub use expectation::{Expectation, WrongReply};
pub use line::{Ask, Outcome, start};
pub use stream::GuardedStream;
