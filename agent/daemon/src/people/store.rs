//! The accounts in `state.db`.

use std::path::{Path, PathBuf};

use cellwatch_core::evaluate::Role;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Account, key_of};

/// Accounts at most: a site has dozens; at this many none is added.
const ACCOUNTS_MAX: i64 = 1_000;

/// Why accounts cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite or the disk.
    #[error("{path}: the accounts cannot be used: {cause}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
    /// There is no room for another one.
    #[error("there are {ACCOUNTS_MAX} accounts already: that many nobody oversees")]
    Full,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
}

const COLUMNS: &str = "name, role, hash, must_change, disabled, system_account, added_ms";

impl Store {
    pub(super) fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join("state.db");
        let failed = |cause| StoreError::Sqlite { path: path.clone(), cause };
        let connection = Connection::open(&path).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA busy_timeout=5000; PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;
                 CREATE TABLE IF NOT EXISTS people (
                     key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL,
                     must_change INTEGER NOT NULL, disabled INTEGER NOT NULL, system_account TEXT,
                     added_ms INTEGER NOT NULL) WITHOUT ROWID;",
            )
            .map_err(failed)?;
        Ok(Self { connection, path })
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> StoreError {
        |cause| StoreError::Sqlite { path: self.path.clone(), cause }
    }

    pub(super) fn find(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM people WHERE key = ?1");
        let found = self.connection.query_row(&sql, [key_of(name)], account).optional();
        Ok(found.map_err(self.failed())?.flatten())
    }

    pub(super) fn all(&self) -> Result<Vec<Account>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM people ORDER BY key");
        let read = || {
            let mut statement = self.connection.prepare(&sql)?;
            let rows = statement.query_map([], account)?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        Ok(read().map_err(self.failed())?.into_iter().flatten().collect())
    }

    /// Keeps an account, new or changed.
    pub(super) fn keep(&self, account: &Account) -> Result<(), StoreError> {
        let key = key_of(&account.name);
        if self.find(&account.name)?.is_none() {
            let count = self
                .connection
                .query_row("SELECT count(*) FROM people", [], |row| row.get::<_, i64>(0));
            if count.map_err(self.failed())? >= ACCOUNTS_MAX {
                return Err(StoreError::Full);
            }
        }
        self.connection
            .execute(
                "INSERT OR REPLACE INTO people VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    key,
                    account.name,
                    account.role.word(),
                    account.hash,
                    account.must_change,
                    account.disabled,
                    account.system_account,
                    account.added_ms
                ],
            )
            .map(|_| ())
            .map_err(self.failed())
    }
}

/// None for a role that this version does not know: such an account opens nothing.
fn account(row: &Row<'_>) -> rusqlite::Result<Option<Account>> {
    let role: String = row.get(1)?;
    let Some(role) = Role::ALL.into_iter().find(|one| one.word() == role) else { return Ok(None) };
    Ok(Some(Account {
        name: row.get(0)?,
        role,
        hash: row.get(2)?,
        must_change: row.get(3)?,
        disabled: row.get(4)?,
        system_account: row.get(5)?,
        added_ms: row.get(6)?,
    }))
}
