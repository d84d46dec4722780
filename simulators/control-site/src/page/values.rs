//! The newest values whole, read when somebody asks: there may be far more than the page shows.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};
use serde::Deserialize;

use super::Value;
use crate::store::{StoreError, open_read_only};

/// Which values are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Of this unit only.
    unit: Option<String>,
    /// Of this agent only.
    agent: Option<String>,
}

/// Reads values beside the page's snapshots; one question at a time.
#[derive(Clone)]
pub(super) struct Values {
    connection: Arc<Mutex<Connection>>,
}

impl Values {
    /// Opens the database, which its writer has made.
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: Arc::new(Mutex::new(open_read_only(database)?)) })
    }

    /// The values asked for, as JSON; none where the database cannot be read.
    pub(super) async fn json(&self, asked: Asked) -> Option<String> {
        let connection = Arc::clone(&self.connection);
        let read = tokio::task::spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            read(&connection, &asked)
        });
        match read.await {
            Ok(Ok(values)) => serde_json::to_string(&values).ok(),
            Ok(Err(error)) => {
                tracing::error!("values cannot be read: {error}");
                None
            }
            Err(error) => {
                tracing::error!("values cannot be read: {error}");
                None
            }
        }
    }
}

fn read(connection: &Connection, asked: &Asked) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare_cached(Value::SQL)?;
    statement.query_map(params![asked.unit, asked.agent], Value::read)?.collect()
}
