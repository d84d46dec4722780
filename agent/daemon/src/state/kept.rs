//! What is kept of Master Files, the roster and the site.

use std::sync::Arc;

use cellwatch_model::Utc;
use cellwatch_record::{Hash, SavedSite, SiteStatus};
use cellwatch_seal::PublicKey;

use super::State;
use crate::journal::JournalError;

/// Keys of Master Files begin with this; the SHA-256 of the approved text follows.
const MASTER_FILE: &str = "master_file/";
/// Keys that have sealed records here are remembered up to so many; beyond it the oldest is forgotten, which then the
/// roster or the records themselves must name.
const SEALING_KEYS_MAX: usize = 64;
/// Version and time of acceptance stand before the signed file.
const HEAD_BYTES: usize = 16;

/// A Master File that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedMasterFile {
    /// Its version.
    pub version: u64,
    /// SHA-256 of its approved text.
    pub sha256: Hash,
    /// When it was accepted: a key that was revoked later takes nothing from it.
    pub accepted: Utc,
    /// The signed file, as it came.
    pub signed: Arc<[u8]>,
}

/// The roster that is believed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRoster {
    /// As it was signed.
    pub signed: Vec<u8>,
    /// The root keys by which it was believed: those of the roster before it, or of the site file.
    pub roots: Vec<PublicKey>,
    /// SHA-256 of the root keys that the site file named at the time: with others, nothing of before counts.
    pub anchor: Hash,
}

impl State {
    /// The Master Files that judge or wait to, by ascending version, and the highest version that was
    /// ever accepted.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn master_files(&self) -> Result<(Vec<AcceptedMasterFile>, u64), JournalError> {
        let mut files: Vec<_> = self
            .all_under(MASTER_FILE)?
            .into_iter()
            .filter_map(|(key, value)| master_file(&key, &value))
            .collect();
        files.sort_by_key(|file| file.version);
        Ok((files, self.number("master_file_version")?))
    }

    /// Keeps these Master Files and no others.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_master_files(
        &self,
        files: &[AcceptedMasterFile],
        highest_version: u64,
    ) -> Result<(), JournalError> {
        let rows: Vec<(String, Vec<u8>)> = files
            .iter()
            .map(|file| {
                let head = [file.version.to_be_bytes(), file.accepted.0.to_be_bytes()].concat();
                (format!("{MASTER_FILE}{}", file.sha256), [&head, &*file.signed].concat())
            })
            .collect();
        let version = highest_version.to_be_bytes();
        let mut values: Vec<(&str, &[u8])> =
            rows.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect();
        values.push(("master_file_version", &version));
        self.replace(Some(MASTER_FILE), &values)
    }

    /// The roster that was last believed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn roster(&self) -> Result<Option<KeptRoster>, JournalError> {
        let signed = self.get("roster")?;
        let anchor = self.get("roster_anchor")?.and_then(|hash| hash.try_into().ok()).map(Hash);
        let roots = self.get("roster_roots")?.unwrap_or_default();
        let root = |bytes: &[u8]| bytes.try_into().ok().map(PublicKey);
        let roots = roots.chunks_exact(32).filter_map(root).collect();
        Ok(signed.zip(anchor).map(|(signed, anchor)| KeptRoster { signed, roots, anchor }))
    }

    /// Keeps the roster that is believed now.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_roster(&self, roster: &KeptRoster) -> Result<(), JournalError> {
        let roots: Vec<u8> = roster.roots.iter().flat_map(|root| root.0).collect();
        self.set(&[
            ("roster", &roster.signed),
            ("roster_roots", &roots),
            ("roster_anchor", &roster.anchor.0),
        ])
    }

    /// The keys that have sealed records here, the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn sealing_keys(&self) -> Result<Vec<PublicKey>, JournalError> {
        let keys = self.get("sealing_keys")?.unwrap_or_default();
        let key = |bytes: &[u8]| bytes.try_into().ok().map(PublicKey);
        Ok(keys.chunks_exact(32).filter_map(key).collect())
    }

    /// Keeps that this key seals records here.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_sealing_key(&self, key: PublicKey) -> Result<(), JournalError> {
        let mut keys = self.sealing_keys()?;
        if keys.last() == Some(&key) {
            return Ok(());
        }
        keys.retain(|one| *one != key);
        keys.push(key);
        let forgotten = keys.len().saturating_sub(SEALING_KEYS_MAX);
        let bytes: Vec<u8> = keys.iter().skip(forgotten).flat_map(|key| key.0).collect();
        self.set(&[("sealing_keys", &bytes)])
    }

    /// What the Control Site has said of the site.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn site(&self) -> Result<SavedSite, JournalError> {
        let Some(value) = self.get("site")? else { return Ok(SavedSite::default()) };
        let read = || {
            let status = SiteStatus::from_code(*value.first()?)?;
            let command = u64::from_be_bytes(value.get(1..9)?.try_into().ok()?);
            Some(SavedSite { status, command, sha256: Hash(value.get(9..)?.try_into().ok()?) })
        };
        Ok(read().unwrap_or_default())
    }

    /// Keeps what the Control Site has said of the site.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_site(&self, site: &SavedSite) -> Result<(), JournalError> {
        let number = site.command.to_be_bytes();
        self.set(&[("site", &[&[site.status.code()], &number[..], &site.sha256.0].concat())])
    }
}

fn master_file(key: &str, value: &[u8]) -> Option<AcceptedMasterFile> {
    let sha256 = key.strip_prefix(MASTER_FILE)?.parse().ok()?;
    let (head, signed) = value.split_at_checked(HEAD_BYTES)?;
    let (version, accepted) = head.split_at(8);
    Some(AcceptedMasterFile {
        version: u64::from_be_bytes(version.try_into().ok()?),
        accepted: Utc(i64::from_be_bytes(accepted.try_into().ok()?)),
        sha256,
        signed: signed.into(),
    })
}
