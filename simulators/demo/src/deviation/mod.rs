//! Breaks a heater so that a culture gets too warm, waits for the alarms, and mends it.
//!
//! - `http`: small JSON requests over loopback.
//! - `course`: what happens when.

mod course;
mod http;

pub use course::{ACTION_ALARM, ALERT_ALARM, Course, Seen, expected};
