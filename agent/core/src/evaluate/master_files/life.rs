//! From accepted to in force, unit by unit.

use std::collections::BTreeSet;
use std::sync::Arc;

use cellwatch_config::master_file::{Activation, MasterFile};
use cellwatch_model::{Mono, Now, Utc};
use cellwatch_record::{Hash, SavedMasterFile, Waits};

use super::Entry;

/// The Master Files of the agent.
#[derive(Debug)]
pub(crate) struct MasterFiles {
    pub(super) site: String,
    /// All units, ascending.
    pub(super) units: BTreeSet<String>,
    pub(super) highest_version: u64,
    /// By ascending version.
    pub(super) entries: Vec<Entry>,
    next_index: u32,
}

/// A Master File comes into force.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) file: Arc<MasterFile>,
    pub(crate) sha256: Hash,
    /// Index in records.
    pub(crate) index: u32,
    /// Where it judges from now on and did not before.
    pub(crate) units: Vec<String>,
    /// True where it judges in every unit now.
    pub(crate) everywhere: bool,
    /// Files that judge nowhere any more.
    pub(crate) superseded: Vec<Entry>,
}

impl MasterFiles {
    pub(crate) const fn new(site: String, units: BTreeSet<String>, highest_version: u64) -> Self {
        Self { site, units, highest_version, entries: Vec::new(), next_index: 1 }
    }

    /// Goes on with what the records say.
    pub(crate) fn restore(&mut self, saved: &[SavedMasterFile]) {
        let highest = saved.iter().map(|one| one.version).max().unwrap_or(0);
        self.highest_version = self.highest_version.max(highest);
        self.entries = saved.iter().map(Entry::restored).collect();
        for entry in &mut self.entries {
            entry.units.retain(|unit| self.units.contains(unit));
        }
        // Units may have left the site file; the newest one is there for those that come.
        self.entries.retain(|one| {
            one.version == highest || one.waits != Waits::No || !one.units.is_empty()
        });
    }

    pub(crate) fn save(&self) -> Vec<SavedMasterFile> {
        self.entries.iter().map(Entry::saved).collect()
    }

    pub(crate) const fn highest_version(&self) -> u64 {
        self.highest_version
    }

    /// All of them, by ascending version.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file that judges in `unit`.
    pub(crate) fn of_unit(&self, unit: &str) -> Option<&Entry> {
        self.entries.iter().find(|one| one.judges() && one.units.contains(unit))
    }

    /// Units in which nothing judges.
    pub(crate) fn unjudged(&self) -> Vec<&str> {
        let units = self.units.iter().map(String::as_str);
        units.filter(|unit| self.of_unit(unit).is_none()).collect()
    }

    /// The earliest end of a file that judges.
    pub(crate) fn earliest_end(&self) -> Option<Utc> {
        let judging = self.entries.iter().filter(|one| one.judges());
        judging.filter_map(|one| Some(one.file.as_ref()?.expires)).min()
    }

    /// When a pending file's effective time comes, as far as the clock of now can tell.
    pub(crate) fn effective_due(&self, now: Now) -> Option<Mono> {
        let waiting = self.entries.iter().filter(|one| one.waits == Waits::Effective);
        let begins = waiting.filter_map(|one| Some(one.file.as_ref()?.effective)).min()?;
        let left_ns = u64::try_from(begins.0.saturating_sub(now.utc.0)).unwrap_or(0);
        (now.clock.sync.is_trusted() && left_ns > 0)
            .then(|| Mono(now.mono.0.saturating_add(left_ns)))
    }

    /// The next file that comes into force now, and where; to be asked until there is none. `runs` says
    /// whether a batch runs in a unit.
    pub(crate) fn next_change(&mut self, runs: impl Fn(&str) -> bool, now: Now) -> Option<InForce> {
        if self.entries.iter().all(|one| one.waits == Waits::No && one.index != 0)
            && self.unjudged().is_empty()
        {
            return None;
        }
        let units: Vec<Vec<String>> =
            self.entries.iter().map(|one| self.begins_in(one, &runs, now)).collect();
        let at = units.iter().position(|units| !units.is_empty())?;
        let units = units.into_iter().nth(at).unwrap_or_default();
        let entry = &mut self.entries[at];
        let file = entry.file.clone()?;
        if entry.index == 0 {
            entry.index = self.next_index;
            self.next_index += 1;
        }
        entry.units.extend(units.iter().cloned());
        let (sha256, index) = (entry.sha256, entry.index);
        let everywhere = self.units.iter().all(|unit| entry.units.contains(unit));
        if everywhere {
            entry.waits = Waits::No;
        }
        let mut superseded = Vec::new();
        for other in &mut self.entries {
            if other.sha256 == sha256 {
                continue;
            }
            let before = other.units.len();
            other.units.retain(|unit| !units.contains(unit));
            if before > 0 && other.units.is_empty() && other.waits == Waits::No {
                superseded.push(other.clone());
            }
        }
        let gone = |one: &Entry| superseded.iter().any(|gone| gone.sha256 == one.sha256);
        self.entries.retain(|one| !gone(one));
        Some(InForce { file, sha256, index, units, everywhere, superseded })
    }

    /// The units in which `entry` is to judge now and does not yet.
    fn begins_in(&self, entry: &Entry, runs: &impl Fn(&str) -> bool, now: Now) -> Vec<String> {
        let Some(file) = &entry.file else { return Vec::new() };
        // After a restart: where it judged before, in this start not yet.
        let again = |unit: &String| entry.index == 0 && entry.units.contains(unit);
        let is_pending = entry.waits != Waits::No;
        let is_effective = entry.is_effective(now) && !entry.is_expired(now);
        let begins = |unit: &&String| {
            if entry.units.contains(*unit) {
                return again(unit);
            }
            if self.of_unit(unit).is_none() {
                // A newer one judged there before the restart, and will be at hand: older ones come first.
                let newer = self.entries.iter().filter(|one| one.version > entry.version);
                let is_named = newer.into_iter().any(|one| one.units.contains(*unit));
                let goes_on = if entry.is_old { !entry.is_early(now) } else { !is_pending };
                return !is_named && (is_effective || goes_on);
            }
            is_pending
                && is_effective
                && (file.activation == Activation::AtOnce || !runs(unit.as_str()))
        };
        self.units.iter().filter(begins).cloned().collect()
    }
}
