//! Which Master File judges (LAW-05).
//!
//! The shell has verified the approvals and parsed the verified bytes; here it is decided whether the
//! file is for this site, new, and within its dates, and when it begins to judge.

use std::sync::Arc;

use cellwatch_config::master_file::{Activation, MasterFile};
use cellwatch_model::{Now, Utc};
use cellwatch_record::{Hash, Person};

use crate::door::{MasterFileOffer, Offered};

/// The Master File that judges, or waits to.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) file: Arc<MasterFile>,
    pub(crate) sha256: Hash,
    pub(crate) approvers: Vec<Person>,
    /// Index in records; given when it comes into force.
    pub(crate) index: u32,
}

/// The Master Files of the agent.
#[derive(Debug)]
pub(crate) struct MasterFiles {
    site: String,
    highest_version: u64,
    in_force: Option<InForce>,
    waiting: Option<InForce>,
    next_index: u32,
}

impl MasterFiles {
    pub(crate) const fn new(site: String, highest_version: u64) -> Self {
        Self { site, highest_version, in_force: None, waiting: None, next_index: 1 }
    }

    pub(crate) const fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// True while the file in force is beyond its expiry by a wall clock that can be trusted.
    pub(crate) fn is_expired(&self, now: Now) -> bool {
        let expires = self.in_force.as_ref().map(|in_force| in_force.file.expires);
        now.clock.sync.is_trusted() && expires.is_some_and(|expires| now.utc >= expires)
    }

    /// Takes an offer; an accepted one waits until [`Self::activate`].
    pub(crate) fn offer(&mut self, offer: MasterFileOffer, now: Now) -> Result<&InForce, String> {
        let (file, approvers) = match offer.offered {
            Offered::Refused(reason) => return Err(reason),
            Offered::Approved { file, approvers } => (file, approvers),
        };
        self.judge(&file, offer.accepted_before, now)?;
        self.highest_version = file.version;
        let waiting = InForce { file, sha256: offer.sha256, approvers, index: 0 };
        Ok(self.waiting.insert(waiting))
    }

    fn judge(&self, file: &MasterFile, accepted_before: bool, now: Now) -> Result<(), String> {
        if !file.sites.contains(&self.site) {
            return Err(format!(
                "it is for {}, not for this site {}; ask the Control Site for one that names this site",
                file.sites.join(", "),
                self.site
            ));
        }
        let highest = self.highest_version;
        if file.version < highest || (file.version == highest && !accepted_before) {
            return Err(format!(
                "its version {} is not newer than {highest}, the last accepted; an older one never comes back",
                file.version
            ));
        }
        // What has judged before goes on after a restart, whatever the clock says.
        if accepted_before {
            return Ok(());
        }
        if !now.clock.sync.is_trusted() {
            return Err(format!(
                "the clock is {}, so its dates cannot be judged; synchronise the clock and offer it again",
                now.clock.sync
            ));
        }
        if now.utc < file.effective {
            return Err(format!("it is not yet effective: only from {}", words(file.effective)));
        }
        if now.utc >= file.expires {
            return Err(format!("it expired at {}", words(file.expires)));
        }
        Ok(())
    }

    /// The file that comes into force now: one that waits, unless it waits for the end of a batch.
    pub(crate) fn activate(&mut self, a_batch_is_open: bool) -> Option<&InForce> {
        let at_once = |waiting: &mut InForce| {
            !a_batch_is_open
                || self.in_force.is_none()
                || waiting.file.activation == Activation::AtOnce
        };
        let mut next = self.waiting.take_if(at_once)?;
        next.index = self.next_index;
        self.next_index += 1;
        Some(self.in_force.insert(next))
    }
}

/// A date for people.
pub(crate) fn words(at: Utc) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(at.0))
        .map_or_else(|_| format!("{} ns", at.0), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
