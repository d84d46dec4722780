//! The agent's journal: SQLite segments in a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

/// Counts the records in the segments of a journal.
///
/// # Errors
/// The folder or a segment cannot be read.
pub fn published(journal: &Path) -> anyhow::Result<u64> {
    let mut records = 0;
    for path in segments(journal)? {
        let count = count(&path).with_context(|| format!("cannot read {}", path.display()))?;
        records += u64::try_from(count).unwrap_or(0);
    }
    Ok(records)
}

fn segments(journal: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot = || format!("cannot read {}", journal.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(journal).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("segment-") && name.ends_with(".db") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn count(segment: &Path) -> rusqlite::Result<i64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(segment, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0))
}
