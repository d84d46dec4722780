//! The database: SQLite, one writer, group commit; what is committed is what "received" means.
//!
//! - `open`: the file, its schema and its version.
//! - `shelf`: the writing side, inside a transaction; implements [`Records`](crate::intake::Records).
//! - `ids`: rows of agents, journals and units.
//! - `frames`, `alarms`, `events`, `refusals`: what each kind of outcome writes.
//! - `resume`: the state of every journal, read back at a start.
//! - `seals`: seals of batches, and what the stored records make of them.
//! - `writer`: the thread that commits, then acknowledges, then issues receipts.

mod alarms;
mod error;
mod events;
mod frames;
mod ids;
mod journal_keys;
mod open;
mod refusals;
mod resume;
mod seals;
mod shelf;
mod writer;

pub use error::StoreError;
pub use open::{Exclusive, open, open_read_only};
pub use refusals::REFUSALS_KEPT_MAX;
pub use seals::tree_of;
pub use shelf::{RECEIPTS_KEPT, Shelf};
pub use writer::{COMMIT_DELAY, COMMIT_RECORDS_MAX, Hooks, Job, Writer};

#[cfg(test)]
mod tests;
