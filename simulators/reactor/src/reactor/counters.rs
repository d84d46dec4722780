//! What was served.

use std::collections::BTreeMap;

use serde::Serialize;

/// Requests served since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests by function code.
    pub by_function: BTreeMap<u8, u64>,
    /// Replies that were exceptions.
    pub exceptions: u64,
    /// Requests that a fault left without an answer.
    pub unanswered: u64,
    /// Connections taken.
    pub connections: u64,
}
