//! What is said of files that wait, or whose time is over.

use cellwatch_model::Now;
use cellwatch_record::Waits;

use super::{Entry, MasterFiles};

/// Something of a file that is to be put on record.
#[derive(Clone, Debug)]
pub(crate) enum Settled {
    /// It waits, for something else than before, in these units.
    Waits(Entry, Vec<String>),
    /// Its time ended before it began to judge in these units; it never will there.
    ExpiredPending(Entry),
    /// It is beyond its expiry and goes on judging.
    Expired(Entry),
}

impl MasterFiles {
    /// After all changes: what has changed of pending and of expired files. `accepted` has just been
    /// accepted, so that what it waits for is news.
    pub(crate) fn settle(&mut self, accepted: Option<u64>, now: Now) -> Vec<Settled> {
        let mut said = Vec::new();
        let units = self.units.clone();
        for entry in &mut self.entries {
            if entry.waits != Waits::No && entry.is_expired(now) {
                entry.waits = Waits::No;
                said.push(Settled::ExpiredPending(entry.clone()));
            }
            if entry.judges() && entry.is_expired(now) && !entry.expiry_said {
                entry.expiry_said = true;
                said.push(Settled::Expired(entry.clone()));
            }
            if entry.waits == Waits::No || entry.file.is_none() {
                continue;
            }
            // Without a clock to judge by, nothing is known to have changed.
            let waits = if entry.is_effective(now) { Waits::Batch } else { Waits::Effective };
            let is_news = accepted == Some(entry.version)
                || (waits == Waits::Batch && entry.waits != Waits::Batch);
            if is_news {
                entry.waits = waits;
                let waiting = units.difference(&entry.units).cloned().collect();
                said.push(Settled::Waits(entry.clone(), waiting));
            }
        }
        self.entries.retain(|one| one.waits != Waits::No || !one.units.is_empty());
        said
    }
}
