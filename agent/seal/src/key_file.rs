//! Keys in files: private ones as unencrypted PKCS#8 DER that only their owner can read, public
//! ones as 64 hexadecimal digits.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::{KeyError, ParseKeyError, PublicKey, SealingKey};

/// Longer files hold no key.
const SIZE_MAX: u64 = 4096;

/// Why a key file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("{path}: there is no such key file")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Others than the owner have rights on a private key.
    #[error(
        "{path}: others than its owner have rights on this private key (mode {mode:04o}). \
         If nobody else can have read it, run: chmod 600 {path}"
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its mode, the permission bits.
        mode: u32,
    },
    /// Not a file, or one too long for a key.
    #[error("{path}: not a key file")]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// There is something already; a key is never overwritten.
    #[error(
        "{path}: exists already and a key is never overwritten: what it sealed could not be continued. \
         Move it away first if it is to be replaced"
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It holds no private key.
    #[error("{path}: {cause}")]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: KeyError,
    },
    /// It holds no public key.
    #[error("{path}: {cause}")]
    PublicKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: ParseKeyError,
    },
}

/// Reads a private key.
///
/// # Errors
/// Missing, unreadable, no key, or its group or others have any right on it.
pub fn read(path: &Path) -> Result<SealingKey, KeyFileError> {
    let bytes = read_bytes(path, true)?;
    SealingKey::from_pkcs8(&bytes)
        .map_err(|cause| KeyFileError::Key { path: path.to_owned(), cause })
}

/// Writes a private key to a new file that only its owner can read (mode 0600), and to the disk.
///
/// # Errors
/// There is a file already (it stays as it is), or the operating system refuses.
pub fn write_new(path: &Path, pkcs8: &[u8]) -> Result<(), KeyFileError> {
    write_bytes(path, pkcs8, 0o600)
}

/// Reads a public key.
///
/// # Errors
/// Missing, unreadable or not 64 hexadecimal digits.
pub fn read_public(path: &Path) -> Result<PublicKey, KeyFileError> {
    let bytes = read_bytes(path, false)?;
    String::from_utf8_lossy(&bytes)
        .trim()
        .parse()
        .map_err(|cause| KeyFileError::PublicKey { path: path.to_owned(), cause })
}

/// Writes a public key to a new file that everybody can read.
///
/// # Errors
/// There is a file already (it stays as it is), or the operating system refuses.
pub fn write_public(path: &Path, key: &PublicKey) -> Result<(), KeyFileError> {
    write_bytes(path, format!("{key}\n").as_bytes(), 0o644)
}

fn read_bytes(path: &Path, private: bool) -> Result<Vec<u8>, KeyFileError> {
    let io = |cause: io::Error| {
        let path = path.to_owned();
        if cause.kind() == io::ErrorKind::NotFound {
            KeyFileError::Missing { path }
        } else {
            KeyFileError::Io { path, cause }
        }
    };
    let file = File::open(path).map_err(io)?;
    // Asked of the open file, so that it is the one that is read.
    let metadata = file.metadata().map_err(io)?;
    if !metadata.is_file() || metadata.len() > SIZE_MAX {
        return Err(KeyFileError::NotAFile { path: path.to_owned() });
    }
    let mode = metadata.mode() & 0o7777;
    if private && mode & 0o077 != 0 {
        return Err(KeyFileError::Permissions { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    file.take(SIZE_MAX).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

fn write_bytes(path: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyFileError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = opened.map_err(|cause| {
        let path = path.to_owned();
        if cause.kind() == io::ErrorKind::AlreadyExists {
            KeyFileError::Exists { path }
        } else {
            KeyFileError::Io { path, cause }
        }
    })?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    });
    written.map_err(|cause| {
        // Half a key would block the next attempt; if it cannot be removed, that attempt says so.
        let _ = std::fs::remove_file(path);
        KeyFileError::Io { path: path.to_owned(), cause }
    })
}
