//! Whether an offered file is accepted: for this site, new, and not past its dates.

use std::collections::BTreeSet;

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::Now;
use cellwatch_record::{Person, Waits};

use super::{Entry, MasterFiles, words};
use crate::door::{MasterFileOffer, Offered};

/// What became of an offer that was not refused.
#[derive(Clone, Debug)]
pub(crate) enum Taken {
    /// It is accepted.
    Accepted(Accepted),
    /// It was accepted before, and is at hand again.
    AtHandAgain,
}

/// An accepted Master File.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) approvers: Vec<Person>,
    /// The pending file that it takes the place of.
    pub(crate) instead_of: Option<Entry>,
}

impl MasterFiles {
    /// Takes an offer. What is accepted waits until [`MasterFiles::next_change`] brings it into force.
    pub(crate) fn offer(&mut self, offer: MasterFileOffer, now: Now) -> Result<Taken, String> {
        let MasterFileOffer { sha256, offered, accepted_before, .. } = offer;
        let (file, approvers) = match offered {
            Offered::Refused(reason) => return Err(reason),
            Offered::Approved { file, approvers } => (file, approvers),
        };
        // After a restart, whatever the clock says: it was accepted.
        let known = self.entries.iter_mut().find(|one| one.sha256 == sha256);
        if let Some(entry) = known.filter(|one| one.file.is_none() || accepted_before) {
            entry.file = Some(file);
            return Ok(Taken::AtHandAgain);
        }
        self.judge(&file, accepted_before, now)?;
        self.highest_version = self.highest_version.max(file.version);
        let (id, version) = (file.id.clone(), file.version);
        let instead_of = self.give_up_pending(version);
        self.entries.push(Entry {
            sha256,
            id: id.clone(),
            version,
            waits: Waits::Effective,
            units: BTreeSet::new(),
            file: Some(file),
            index: 0,
            is_old: accepted_before,
            expiry_said: false,
        });
        self.entries.sort_by_key(|one| one.version);
        Ok(Taken::Accepted(Accepted { id, version, approvers, instead_of }))
    }

    fn judge(&self, file: &MasterFile, accepted_before: bool, now: Now) -> Result<(), String> {
        if !file.sites.contains(&self.site) {
            return Err(format!(
                "it is for {}, not for this site {}; ask the Control Site for one that names this site",
                file.sites.join(", "),
                self.site
            ));
        }
        // What was accepted before a journal was lost is accepted.
        if accepted_before {
            return Ok(());
        }
        let highest = self.highest_version;
        if file.version <= highest {
            return Err(format!(
                "its version {} is not newer than {highest}, the last accepted; an older one never comes back",
                file.version
            ));
        }
        if !now.clock.sync.is_trusted() {
            return Err(format!(
                "the clock is {}, so its dates cannot be judged; it is offered again when the clock is synchronised",
                now.clock.sync
            ));
        }
        if now.utc >= file.expires {
            return Err(format!("it expired at {}", words(file.expires)));
        }
        Ok(())
    }

    /// A file of a higher version was accepted: the one that was pending comes into force nowhere else.
    fn give_up_pending(&mut self, version: u64) -> Option<Entry> {
        let pending = |one: &Entry| one.waits != Waits::No && one.version < version;
        let at = self.entries.iter().position(pending)?;
        let entry = &mut self.entries[at];
        entry.waits = Waits::No;
        let given_up = entry.clone();
        if given_up.units.is_empty() {
            self.entries.remove(at);
        }
        Some(given_up)
    }
}
