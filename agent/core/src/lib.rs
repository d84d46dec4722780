//! The agent as pure state machines behind one door.
//!
//! Given time and events, nothing else: no clock, no file, no socket, no key, no chance in here. The
//! shell waits for an input or for [`Agent::next_deadline`], calls [`Agent::handle`], and drains
//! [`Agent::poll_output`]; a simulation does the same in virtual time.
//!
//! Folders sort as the data flows: [`acquire`], [`evaluate`], `journal`, [`publish`], `serve`.
#![forbid(unsafe_code)]

pub mod acquire;
mod agent;
pub mod door;
pub mod evaluate;
mod journal;
pub mod publish;
pub mod replay;
pub mod serve;

pub use agent::{Agent, HEALTH_PERIOD_MS, NOT_CONFIRMED};
