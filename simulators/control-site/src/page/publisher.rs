//! Makes a snapshot when something has changed, for all viewers together.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cellwatch_model::Utc;
use rusqlite::Connection;
use tokio::sync::watch;

use super::{Live, Snapshot, snapshot};
use crate::store::{StoreError, open_read_only};

/// Shortest time between two snapshots: people do not read faster, and the database has other work.
pub const SNAPSHOT_PAUSE: Duration = Duration::from_secs(1);
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
    connection: Arc<Mutex<Connection>>,
    live: Arc<Live>,
    now: F,
}

impl<F: Fn() -> Utc + Send + Sync + 'static> Publisher<F> {
    /// Opens the database, which its writer has made.
    pub(super) fn open(database: &Path, live: Arc<Live>, now: F) -> Result<Self, StoreError> {
        let connection = Arc::new(Mutex::new(open_read_only(database)?));
        Ok(Self { connection, live, now })
    }

    async fn render(&self) -> Option<Arc<Rendered>> {
        let (connection, live) = (Arc::clone(&self.connection), Arc::clone(&self.live));
        let now = (self.now)();
        let made = tokio::task::spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            snapshot(&connection, &live, now)
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
            if let Some(new) = self.render().await {
                rendered.send_replace(Some(new));
            }
            tokio::time::sleep(SNAPSHOT_PAUSE).await;
            let rest = SNAPSHOT_EVERY - SNAPSHOT_PAUSE;
            tokio::select! {
                () = rendered.closed() => return,
                _ = tokio::time::timeout(rest, changes.changed()) => {}
            }
        }
    }
}
