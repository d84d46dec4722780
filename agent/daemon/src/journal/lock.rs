//! One daemon for one data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::JournalError;

/// Held while the journal is open for writing; the operating system gives it back when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock `cellwatch.lock` in `data_dir`.
    ///
    /// # Errors
    /// Another process holds it.
    pub fn take(data_dir: &Path) -> Result<Self, JournalError> {
        let path = data_dir.join("cellwatch.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(JournalError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid = match file.read_to_string(&mut text) {
                    Ok(_) => text.trim().parse().unwrap_or(0),
                    Err(_) => 0,
                };
                return Err(JournalError::Running { path, pid });
            }
            Err(TryLockError::Error(cause)) => return Err(JournalError::Io { path, cause }),
        }
        // The number is only for the other's message.
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(JournalError::io(&path))?;
        Ok(Self { _file: file })
    }
}
