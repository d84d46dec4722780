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

/// The certificate that ends first, and when. Those that cannot be read are left out: the connections for which they are say that.
pub(super) fn first_to_expire(certificates: &[PathBuf]) -> Option<(Utc, String)> {
    let read = certificates.iter().filter_map(|path| Certificate::read(path).ok());
    let first = read.min_by_key(|certificate| certificate.until)?;
    Some((first.until, first.path.display().to_string()))
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

    use super::{exposed, first_to_expire, free_bytes};

    /// Req: SITE-05
    #[test]
    fn the_certificate_that_ends_first_is_found_in_pem_and_der() {
        let dir = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let write = |name: &str, year: i32| {
            let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            wanted.not_after = rcgen::date_time_ymd(year, 1, 2);
            let made = wanted.self_signed(&key).unwrap();
            let path = dir.path().join(name);
            let is_der = name.ends_with(".der");
            fs::write(&path, if is_der { made.der().to_vec() } else { made.pem().into_bytes() })
                .unwrap();
            path
        };
        let [late, early] = [write("late.pem", 2090), write("early.der", 2080)];
        let missing = dir.path().join("not there");
        let first = first_to_expire(&[missing.clone(), late.clone(), early.clone()]).unwrap();
        assert_eq!(first.1, early.display().to_string());
        assert_eq!(first.0.0, 3_471_379_200_000_000_000, "2080-01-02");
        assert_eq!(
            first_to_expire(std::slice::from_ref(&late)).unwrap().1,
            late.display().to_string()
        );
        fs::write(&early, [0x30, 0x82]).unwrap();
        assert_eq!(first_to_expire(&[early, missing]), None);
        println!("certificates: 3 cases");
    }

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
