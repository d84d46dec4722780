//! Why the database could not be used.

use std::path::PathBuf;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened.
    #[error("{path}: cannot be opened: {cause}; check the path, its permissions and the disk", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
    /// Another version made it, or another program.
    #[error(
        "{path}: has schema version {found}, this program writes version {expected} and brings up 2 and 3; \
         use the program that made it, or keep the file as evidence and give another --database: agents send again \
         what no receipt covers, and what one covers stays in this file", path = path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        expected: i64,
    },
    /// A statement failed: the disk is full or damaged, or the file was changed by somebody else.
    #[error(
        "the database cannot be read or written: {0}; nothing that was not committed has been \
         acknowledged: free or repair the disk, then start again"
    )]
    Sqlite(#[from] rusqlite::Error),
    /// The database holds something that this program never writes.
    #[error("the database holds {0}: somebody else has changed it; restore it from a backup")]
    Damaged(String),
    /// The lock beside the file cannot be taken.
    #[error("{path}: cannot be locked: {cause}; check the folder and its permissions", path = path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// Another Control Site writes to it.
    #[error("{path}: is written by another process; end that one, or give another --database", path = path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
}
