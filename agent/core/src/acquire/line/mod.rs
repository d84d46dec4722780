//! Lines: several devices behind one connection, one request at a time (LAW-07).
//!
//! Whoever was asked longest ago comes first, so that nobody waits for more than one request of each
//! neighbour. A device that fails [`FAILURES`] times in a row goes off-scan: it is then asked once after a
//! pause that grows up to [`PAUSE_MAX_MS`], for ever, and all such retries together take at most one
//! part in [`RETRY_PART`] of the line's time, the quiet that a failure costs included. Its first answer
//! brings it back. A line with one device has nobody to protect: it is asked at its own pace, always.
//!
//! When no connection can be made nobody is to blame, and nobody goes off-scan.
//!
//! [`FAILURES`]: member::FAILURES
//! [`PAUSE_MAX_MS`]: member::PAUSE_MAX_MS

mod member;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use member::ScanChange;
pub(crate) use turns::{Asked, Line};

/// Retries of devices that are off-scan take at most this part of the line's time (LAW-07: 5 %).
pub(super) const RETRY_PART: u64 = 20;
