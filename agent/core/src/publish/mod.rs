//! Publish: brings what is durable to the Control Site, and forgets it only when a receipt covers it (LAW-03).
//!
//! In: durable records, what the broker says, receipts. Out: messages in the order of their urgency:
//! standing alarms, new alarms and actions, live records, latest values, backlog (LAW-06).

mod answers;
mod aside;
mod backfill;
mod book;
mod former;
mod limits;
mod notice;
mod outbox;
mod queue;
mod ranges;
mod receipts;
mod silence;
mod topics;

pub use book::{Book, Carried};
pub use former::{FORMER_JOURNALS_MAX, Former, LOST_MAX, Lost, WhyLost};
pub use limits::{
    ACKNOWLEDGED_MAX, APPENDED_MAX, BUNDLE_BYTES_MAX, BUNDLE_RECORDS_MAX, BUNDLES_MAX, NOTICES_MAX,
    Pauses, QUEUE_BYTES_MAX, QUEUE_RECORDS_MAX, RANGES_MAX, UNCOVERED_MAX, WINDOW_MAX,
};
pub use notice::Notice;
pub use outbox::{Figures, Outbox};
pub use ranges::Ranges;
pub use receipts::Receipted;
pub use topics::Topics;
