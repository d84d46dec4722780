//! Why a tool could not run.

use std::io;
use std::path::PathBuf;

use cellwatch_export::ExportError;
use cellwatch_seal::{KeyError, KeyFileError, RosterError, SealError};

use crate::store::StoreError;

/// Why a tool could not run.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// A key cannot be read or written.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file cannot be read.
    #[error("{path}: cannot be read: {cause}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error("{path}: cannot be written: {cause}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file is there already, and nothing is overwritten.
    #[error("{path}: exists already and is not overwritten: name another place or move it away")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file does not hold text.
    #[error("{path}: is not UTF-8 text")]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A certificate cannot be made.
    #[error("{what}: {cause}")]
    Certificate {
        /// Which one, or the file of the authority.
        what: String,
        /// What the library says.
        cause: rcgen::Error,
    },
    /// A roster is not to be used.
    #[error("{path}: {cause}")]
    Roster {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: RosterError,
    },
    /// A signed document cannot be used.
    #[error("{path}: {cause}")]
    Document {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: SealError,
    },
    /// The database.
    #[error(transparent)]
    Store(StoreError),
    /// An export.
    #[error(transparent)]
    Export(ExportError),
    /// An argument cannot be meant.
    #[error("{0}")]
    Usage(String),
}
