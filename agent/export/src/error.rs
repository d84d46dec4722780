//! Why an export could not be made or read.

use std::io;
use std::path::PathBuf;

use cellwatch_record::DecodeError;

/// Why an export could not be made or read at all. What is wrong in one stands in its verdict.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The operating system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Something is there already.
    #[error("{path}: exists already and is not empty; name a new folder")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A record that was to be exported does not decode.
    #[error("a record cannot be exported: {0}")]
    Record(#[from] DecodeError),
    /// Nothing was selected.
    #[error("no record was selected: there is nothing to export")]
    Empty,
}

impl ExportError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { path, cause }
    }
}
