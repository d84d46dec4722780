//! Simulated bioreactors: a process model, its registers by a device profile, faults at run time.
//!
//! Pure and in virtual time: [`culture`], [`face`], [`faults`], [`reactor`]. In real time, on sockets:
//! [`live`], [`modbus::server`], [`opcua`],
//! [`control`], [`stack_light`]. A rehearsal drives [`reactor::Reactor`] without sockets:
//! `advance`, then `answer` or `image`.
#![forbid(unsafe_code)]

pub mod control;
pub mod culture;
pub mod face;
pub mod faults;
pub mod live;
pub mod modbus;
pub mod opcua;
pub mod reactor;
pub mod stack_light;
