//! Receipts: what is stored, what is missing, sealed by a receipt key (LAW-03).
//!
//! - `schedule`: which journal's receipt is due; pure.
//! - `batches`: which seal of a batch is to be answered; pure.
//! - `issue`: makes and seals one.

mod batches;
mod issue;
mod schedule;

pub use batches::{Batches, PendingSeal, SEALS_PENDING_MAX};
pub use issue::{Issued, IssuedCompleteness, issue, issue_completeness, receipt_of};
pub use schedule::{RECEIPT_INTERVAL_DEFAULT_MS, RECEIPT_REPEAT_MS, Schedule};

#[cfg(test)]
mod tests;
