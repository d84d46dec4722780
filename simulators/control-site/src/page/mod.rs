//! The live page and the same as read-only JSON.
//!
//! - `live`: what stands in no database: the link to the broker, plain JSON from agents.
//! - `snapshot`: everything that the page shows, read from the views in one go; `rows` and `keys` its parts.
//! - `tile`: what a unit's tile shows, and where; `trend` the small lines in it.
//! - `publisher`: makes a snapshot when something has changed, at most one a second.
//! - `values`: the newest values whole, for whoever asks.
//! - `server`: routes, server-sent events, headers.
//! - `assets/`: the page itself, embedded; it asks nobody else for anything.

mod keys;
mod live;
mod publisher;
mod rows;
mod server;
mod snapshot;
mod tile;
mod trend;
mod values;

pub use keys::JournalSeal;
pub use live::{Broker, Live, UNSIGNED_MAX};
pub use publisher::{Rendered, SNAPSHOT_EVERY, SNAPSHOT_PAUSE, SNAPSHOT_REST};
pub use rows::{Agent, Alarm, Journal, OversightEntry, RefusalCount, RefusalEntry, Unit, Value};
pub use server::{VIEWERS_MAX, serve};
pub use snapshot::{Proof, Site, Snapshot, Summary};
pub use tile::{TILE_ASIDE_MAX, TILE_ROWS_MAX, Tile, TileRow};
pub use trend::{
    TREND_MAX_S, TREND_POINTS, TREND_SAMPLES_MAX, TRENDS_MAX, TRENDS_PER_SNAPSHOT, Trend,
};

#[cfg(test)]
mod tests;
