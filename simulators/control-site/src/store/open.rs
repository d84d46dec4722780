//! Opens the database file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Version of the schema, in the file's `user_version`.
const SCHEMA_VERSION: i64 = 3;
const SCHEMA: &str = include_str!("schema.sql");
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
        let schema = format!(
            "BEGIN IMMEDIATE; {SCHEMA} {VIEWS} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        );
        connection.execute_batch(&schema).map_err(cannot)?;
        return Ok(connection);
    }
    if version != SCHEMA_VERSION {
        let path = path.to_owned();
        return Err(StoreError::Version { path, found: version, expected: SCHEMA_VERSION });
    }
    Ok(connection)
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
