//! Opens the database file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Version of the schema, in the file's `user_version`.
const SCHEMA_VERSION: i64 = 4;
/// The oldest version that is brought up to this one: older ones no released program has written.
const OLDEST_VERSION: i64 = 2;
const SCHEMA: &str = include_str!("schema.sql");
/// Tables that were added to it, each with the version that brought it. Nothing that was there is ever changed.
const ADDED: [(i64, &str); 2] = [(3, include_str!("seals.sql")), (4, include_str!("keys.sql"))];
const VIEWS: &str = include_str!("views.sql");
/// How long a reader waits for a lock; writers of WAL files block readers only for moments.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements that stay prepared; more than the writer has.
const STATEMENTS_MAX: usize = 64;

/// The database, opened by its one writer: a lock beside the file keeps every other one away.
#[derive(Debug)]
pub struct Exclusive {
    pub(super) connection: Connection,
    pub(super) lock: File,
}

/// Opens the database for its one writer; makes it if it is not there.
///
/// # Errors
/// The file cannot be opened, is of another version, or another process writes to it.
pub fn open(path: &Path) -> Result<Exclusive, StoreError> {
    let lock = lock(path)?;
    let connection = connect(path)?;
    Ok(Exclusive { connection, lock })
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let cannot = |cause| StoreError::Lock { path: name.clone(), cause };
    let file = File::options().create(true).append(true).open(&name).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(cause)) => Err(cannot(cause)),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let cannot = |cause| StoreError::Open { path: path.to_owned(), cause };
    let connection = Connection::open(path).map_err(cannot)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(cannot)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;",
        )
        .map_err(cannot)?;
    let version: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(cannot)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(cannot)?;
    if version == 0 && tables == 0 {
        bring_up(&connection, SCHEMA, 0).map_err(cannot)?;
        return Ok(connection);
    }
    if (OLDEST_VERSION..SCHEMA_VERSION).contains(&version) {
        tracing::warn!(
            "{}: schema version {version} is brought up to {SCHEMA_VERSION}; what it holds stays as it is",
            path.display()
        );
        let drop_views = drop_views(&connection).map_err(cannot)?;
        bring_up(&connection, &drop_views, version).map_err(cannot)?;
    } else if version != SCHEMA_VERSION {
        let path = path.to_owned();
        return Err(StoreError::Version { path, found: version, expected: SCHEMA_VERSION });
    }
    Ok(connection)
}

/// Runs `first`, makes the tables that came after `version`, and the views; all or nothing.
fn bring_up(connection: &Connection, first: &str, version: i64) -> rusqlite::Result<()> {
    let added = ADDED.iter().filter(|(with, _)| *with > version).map(|(_, sql)| *sql);
    let added: String = added.collect();
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {first} {added} {VIEWS} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    ))
}

/// Views hold nothing: they are made anew.
fn drop_views(connection: &Connection) -> rusqlite::Result<String> {
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    names.map(|name| Ok(format!("DROP VIEW \"{}\"; ", name?.replace('"', "\"\"")))).collect()
}

/// Opens the database for reading beside its writer.
///
/// # Errors
/// The file cannot be opened.
pub fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    let cannot = |cause| StoreError::Open { path: path.to_owned(), cause };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(cannot)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(cannot)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}
