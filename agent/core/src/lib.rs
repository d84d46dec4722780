//! The agent as pure state machines behind one door.
#![forbid(unsafe_code)]

pub mod door;
