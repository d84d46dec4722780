//! The live page and the same as read-only JSON.
//!
//! - `live`: what stands in no database: the link to the broker, plain JSON from agents.
//! - `snapshot`: everything that the page shows, read from the views in one go; `rows` its parts.
//! - `publisher`: makes a snapshot when something has changed, at most one a second.
//! - `server`: routes, server-sent events, headers.
//! - `assets/`: the page itself, embedded; it asks nobody else for anything.

mod live;
mod publisher;
mod rows;
mod server;
mod snapshot;

pub use live::{Broker, Live, UNSIGNED_MAX};
pub use publisher::{Rendered, SNAPSHOT_EVERY, SNAPSHOT_PAUSE};
pub use rows::{Agent, Alarm, Journal, OversightEntry, RefusalCount, RefusalEntry, Unit, Value};
pub use server::{VIEWERS_MAX, serve};
pub use snapshot::{Proof, Site, Snapshot, Summary, snapshot};

#[cfg(test)]
mod tests;
