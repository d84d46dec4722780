//! Makes a snapshot when something has changed, for all viewers together.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cellwatch_model::Utc;
use rusqlite::Connection;
use tokio::sync::watch;
use tokio::time::Instant;

use super::snapshot::snapshot;
use super::trend::Trends;
use super::{Live, Snapshot};
use crate::store::{StoreError, open_read_only};

/// Shortest time between two snapshots: people do not read faster, and the database has other work.
pub const SNAPSHOT_PAUSE: Duration = Duration::from_secs(1);
/// After a snapshot comes a rest of so many times what it took: with very many values the page is
/// renewed less often, and the database's writer keeps its time.
pub const SNAPSHOT_REST: u32 = 4;
/// A snapshot is made at least so often, so that a viewer who gets none knows that the link is lost.
pub const SNAPSHOT_EVERY: Duration = Duration::from_secs(5);

/// A snapshot and its JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The parts.
    pub snapshot: Snapshot,
    /// The whole as JSON text, for the event stream.
    pub json: String,
}

/// Reads the database for the page.
pub(super) struct Publisher<F> {
    reader: Arc<Mutex<(Connection, Trends)>>,
    live: Arc<Live>,
    now: F,
}

impl<F: Fn() -> Utc + Send + Sync + 'static> Publisher<F> {
    /// Opens the database, which its writer has made.
    pub(super) fn open(database: &Path, live: Arc<Live>, now: F) -> Result<Self, StoreError> {
        let reader = Arc::new(Mutex::new((open_read_only(database)?, Trends::default())));
        Ok(Self { reader, live, now })
    }

    async fn render(&self) -> Option<Arc<Rendered>> {
        let (reader, live) = (Arc::clone(&self.reader), Arc::clone(&self.live));
        let now = (self.now)();
        let made = tokio::task::spawn_blocking(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let (connection, trends) = &mut *reader;
            snapshot(connection, trends, &live, now)
        })
        .await;
        match made {
            Ok(Ok(snapshot)) => {
                let json = serde_json::to_string(&snapshot).unwrap_or_default();
                Some(Arc::new(Rendered { snapshot, json }))
            }
            Ok(Err(error)) => {
                tracing::error!("the page cannot be renewed: {error}");
                None
            }
            Err(error) => {
                tracing::error!("the page cannot be renewed: {error}");
                None
            }
        }
    }

    /// Renews `rendered` until nobody can see it any more.
    pub(super) async fn publish(self, rendered: watch::Sender<Option<Arc<Rendered>>>) {
        let mut changes = self.live.watch();
        loop {
            changes.mark_unchanged();
            let begin = Instant::now();
            if let Some(new) = self.render().await {
                rendered.send_replace(Some(new));
            }
            let pause = SNAPSHOT_PAUSE.max(SNAPSHOT_REST * begin.elapsed()).min(SNAPSHOT_EVERY);
            tokio::time::sleep(pause).await;
            let rest = SNAPSHOT_EVERY.saturating_sub(pause);
            tokio::select! {
                () = rendered.closed() => return,
                _ = tokio::time::timeout(rest, changes.changed()) => {}
            }
        }
    }
}
