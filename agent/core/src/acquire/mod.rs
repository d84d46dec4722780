//! Acquire: which registers to ask for, when, and what the answers say.
//!
//! In: the device profiles, time, replies. Out: requests, one open at a time for each device, and
//! readings with quality (LAW-01, LAW-02, LAW-07).

mod believe;
mod decode;
mod device;
mod device_clock;
mod figures;
mod gap;
mod histogram;
mod line;
mod link;
mod opcua;
mod plan;
pub mod rtu;
mod schedule;
mod sign;
mod spare;
mod station;
#[cfg(test)]
mod tests;

pub use decode::decode;
pub use plan::{Block, plan};

pub(crate) use believe::Restarted;
pub(crate) use device::{Device, DeviceSaid};
pub(crate) use gap::GapSaid;
pub(crate) use line::{Asked, Line, ScanChange};
pub(crate) use link::LinkChange;
pub(crate) use opcua::{Slower, UaSaid};
pub(crate) use station::Station;
