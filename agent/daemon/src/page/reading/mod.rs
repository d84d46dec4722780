//! What is read back from the journal for people: trends, history, the audit trail. In a thread of its own, one
//! query after the other, each bounded: queries of the page never hold up the journal or the loop.

mod batches;
mod judged;
mod row;
mod thin;
mod thread;
mod trail;
mod trend;

pub(super) use batches::{BatchSeen, batches, knows_batch};
pub(super) use judged::bands;
pub(super) use row::{Row, csv, exported};
pub(super) use thread::Readings;
pub(super) use trail::{EXPORT_MAX, TrailFilter, review_rows, trail};
pub(super) use trend::{TrendWanted, trend};
