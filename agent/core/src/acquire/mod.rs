//! Acquire: which registers to ask for, when, and what the answers say.
//!
//! In: the device profiles, time, replies. Out: requests, one open at a time for each device, and
//! readings with quality (LAW-01, LAW-02, LAW-07).

mod decode;
mod device;
mod plan;

pub use decode::decode;
pub use plan::{Block, plan};

pub(crate) use device::{Device, LinkChange};
