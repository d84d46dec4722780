//! Modbus RTU as a state machine: bytes and time in, bytes and outcomes out (LAW-01).
//!
//! A reply on RTU names its unit, its function and how many bytes of data it carries, nothing else
//! (Modbus over Serial Line V1.02, §2.3 and §2.5.1). A reply that comes late fits the next request of
//! the same unit, function and length, with a good CRC. Four rules keep it from being credited:
//!
//! 1. **Whole and alone.** Unit, function, byte count, length and CRC are checked; one byte that does
//!    not belong, before or behind, and nothing of it is believed. Nobody looks for a reply in the
//!    middle of something else.
//! 2. **Drain and stay quiet.** After a timeout, anything wrong, or bytes that nobody asked for, nothing
//!    is sent to any unit until the last request's timeout and `max_lateness` are over and the line is
//!    silent. What comes meanwhile is thrown away. So is what has been held back while nobody had the port
//!    open: a serial server gives it to the next connection ([`RtuMaster::opened`]). Who opens a line does not know what
//!    the agent's process before asked for last: it is quiet as if that had been the device on it that may be latest
//!    ([`Timing::reply_within_ms`]).
//! 3. **Another shape.** After that the same unit and function are asked for another number of bytes,
//!    where the map has room for it ([`Ask::instead`]): a reply that is later still does not fit.
//! 4. **Silence between frames**: at least t3.5, and as long as the site file says, since an adapter on
//!    USB or a network gives bytes in bursts (16 ms in the drivers' default) and blurs both t1.5 and t3.5.
//!    A reply that pauses within is given up after [`Timing::pause_ns`].
//!
//! So a reply that is late by no more than `max_lateness` is never credited to another request.
//!
//! # What remains
//!
//! - A reply later than `max_lateness`, where the map has no room for another shape. `max_lateness_ms`
//!   of the profile must be longer than the device, and every serial server before it, holds a reply back.
//! - A device whose timeout or `max_lateness_ms` was made shorter, or that was taken off the line, between two runs of the agent:
//!   the line is quiet at its opening for as long as the files say now. Begin the second run that much later.
//! - A device that answers one request twice, with more silence between than rule 4 asks for.
//! - Damage that CRC-16 does not see: one in 65 536 damaged frames of the right length and head.
//! - A second master on the line: its traffic is taken for noise, but a reply to it that comes when ours is
//!   awaited, of the same unit, function and length, is a reply. A line has one master.

mod crc;
mod frame;
mod master;
mod shapes;
#[cfg(test)]
mod tests;
mod timing;

pub use crc::crc16;
pub use frame::{Expected, Received, WrongFrame, request_frame};
pub use master::{Ask, Output, RtuMaster};
pub use timing::Timing;
