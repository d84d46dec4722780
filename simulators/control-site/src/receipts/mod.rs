//! Receipts: what is stored, what is missing, sealed by a receipt key (LAW-03).
//!
//! - `schedule`: which journal's receipt is due; pure.
//! - `issue`: makes and seals one.

mod issue;
mod schedule;

pub use issue::{Issued, issue};
pub use schedule::{RECEIPT_INTERVAL_DEFAULT_MS, RECEIPT_REPEAT_MS, Schedule};

#[cfg(test)]
mod tests;
