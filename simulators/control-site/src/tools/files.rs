//! Files: read whole, written new, never overwritten.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::ToolError;

/// Who may read a new file.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    Everybody,
    OwnerOnly,
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, ToolError> {
    fs::read(path).map_err(|cause| ToolError::Read { path: path.to_owned(), cause })
}

pub(super) fn read_text(path: &Path) -> Result<String, ToolError> {
    String::from_utf8(read(path)?).map_err(|_| ToolError::NotText { path: path.to_owned() })
}

pub(super) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), ToolError> {
    let mode = match readers {
        Readers::Everybody => 0o644,
        Readers::OwnerOnly => 0o600,
    };
    let wrong = |cause: std::io::Error| {
        let path = path.to_owned();
        if cause.kind() == ErrorKind::AlreadyExists {
            ToolError::Exists { path }
        } else {
            ToolError::Write { path, cause }
        }
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(wrong)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(wrong)
}

pub(super) fn make_folder(path: &Path) -> Result<(), ToolError> {
    fs::create_dir_all(path).map_err(|cause| ToolError::Write { path: path.to_owned(), cause })
}
