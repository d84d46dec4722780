//! Publish: brings what is durable to the Control Site, and forgets it only when a receipt covers it (LAW-03).
//!
//! In: durable records, what the broker says, receipts. Out: messages in the order of their urgency:
//! standing alarms, new alarms and actions, live records, latest values, backlog (LAW-06).

mod book;
mod outbox;
mod ranges;
mod topics;

pub use book::{Book, Carried};
pub(crate) use outbox::{Outbox, Receipted};
pub use ranges::Ranges;
pub(crate) use topics::Topics;
