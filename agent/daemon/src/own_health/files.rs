//! What the file system says.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use cellwatch_core::door::KeyFileState;
use cellwatch_model::Utc;

use crate::broker::Certificate;

/// Bytes that an ordinary account may still write in `folder`; none where nobody says.
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    match rustix::fs::statvfs(folder) {
        Ok(found) => Some(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => {
            tracing::warn!("{}: free space is not known: {error}", folder.display());
            None
        }
    }
}

/// When the certificate ends; none where it cannot be read, which the connection to the broker says.
pub(super) fn expiry(certificate: &Path) -> Option<Utc> {
    Certificate::read(certificate).ok().map(|certificate| certificate.until)
}

/// Whether others than its owner have any right on a private key.
pub(super) fn exposed(keys: &[PathBuf]) -> KeyFileState {
    let open: Vec<String> = keys
        .iter()
        .filter_map(|path| {
            let mode = std::fs::metadata(path).ok()?.mode() & 0o7777;
            (mode & 0o077 != 0).then(|| format!("{} (mode {mode:04o})", path.display()))
        })
        .collect();
    KeyFileState { is_exposed: !open.is_empty(), note: open.join(", ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::{exposed, free_bytes};

    /// Req: SITE-05
    #[test]
    fn rights_of_others_on_keys_are_seen() {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key.pk8");
        fs::write(&key, b"key").unwrap();
        let mut cases = 0;
        for (mode, is_exposed) in [
            (0o600, false),
            (0o400, false),
            (0o640, true),
            (0o604, true),
            (0o610, true),
            (0o602, true),
        ] {
            fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
            let state = exposed(&[dir.path().join("not there"), key.clone()]);
            assert_eq!(state.is_exposed, is_exposed, "{mode:o}");
            assert_eq!(state.note.contains(&format!("{mode:04o}")), is_exposed, "{}", state.note);
            cases += 1;
        }
        assert!(free_bytes(dir.path()).is_some_and(|free| free > 0));
        assert_eq!(free_bytes(&dir.path().join("not there")), None);
        println!("rights on keys, free space: {} cases", cases + 2);
    }
}
