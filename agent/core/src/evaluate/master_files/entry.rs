//! One accepted Master File.

use std::collections::BTreeSet;
use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::Now;
use cellwatch_record::{Hash, SavedMasterFile, Waits};

/// A Master File that was accepted and is not superseded.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sha256: Hash,
    pub(crate) id: String,
    pub(crate) version: u64,
    /// What it waits for; after a restart what it waited for before.
    pub(crate) waits: Waits,
    /// Units in which it judges; after a restart, and until its text is at hand again, those in which it did.
    pub(crate) units: BTreeSet<String>,
    /// Its content; none after a restart until the shell has offered it again.
    pub(crate) file: Option<Arc<MasterFile>>,
    /// Index in the records of this start; 0 until it judges.
    pub(crate) index: u32,
    /// It judged, or was accepted, before this start, and no record says so: the journal was lost.
    pub(crate) is_old: bool,
    /// Its expiry is on record.
    pub(crate) expiry_said: bool,
}

impl Entry {
    pub(super) fn saved(&self) -> SavedMasterFile {
        SavedMasterFile {
            sha256: self.sha256,
            id: self.id.clone(),
            version: self.version,
            waits: self.waits,
            units: self.units.iter().cloned().collect(),
        }
    }

    pub(super) fn restored(saved: &SavedMasterFile) -> Self {
        Self {
            sha256: saved.sha256,
            id: saved.id.clone(),
            version: saved.version,
            waits: saved.waits,
            units: saved.units.iter().cloned().collect(),
            file: None,
            index: 0,
            is_old: false,
            expiry_said: false,
        }
    }

    /// True while it judges somewhere.
    pub(crate) fn judges(&self) -> bool {
        self.index != 0 && !self.units.is_empty()
    }

    /// True once its effective time has come, by a clock that can be trusted.
    pub(super) fn is_effective(&self, now: Now) -> bool {
        let begins = self.file.as_ref().map(|file| file.effective);
        now.clock.sync.is_trusted() && begins.is_some_and(|begins| now.utc >= begins)
    }

    /// True before its effective time, by a clock that can be trusted.
    pub(super) fn is_early(&self, now: Now) -> bool {
        now.clock.sync.is_trusted() && !self.is_effective(now)
    }

    /// True beyond its expiry, by a clock that can be trusted.
    pub(crate) fn is_expired(&self, now: Now) -> bool {
        let ends = self.file.as_ref().map(|file| file.expires);
        now.clock.sync.is_trusted() && ends.is_some_and(|ends| now.utc >= ends)
    }
}
