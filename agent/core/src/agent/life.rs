//! The life of Master Files on site: each step is a record.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind, Waits};

use super::Agent;
use crate::door::{MasterFileOffer, Output};
use crate::evaluate::{
    Accepted, Entry, InForce, MASTER_FILE_EXPIRED, NO_MASTER_FILE, Rules, Settled, Taken, words,
};
use crate::journal::{Context, Said};

impl Agent {
    pub(super) fn offer(&mut self, offer: MasterFileOffer, now: Now) {
        let at = now.mono.floor_ms();
        let MasterFileOffer { origin, sha256, .. } = offer.clone();
        let sha256 = Datum::Bytes(sha256.0.to_vec());
        let mut accepted = None;
        match self.master_files.offer(offer, now) {
            Ok(Taken::AtHandAgain) => self.keep_master_files(),
            Ok(Taken::Accepted(Accepted { id, version, approvers, instead_of })) => {
                let names =
                    approvers.iter().map(|one| format!("{} ({})", one.name, one.role).into());
                let text = format!("Master File {id} version {version} accepted");
                let said = Said::new(EventKind::MasterFileAccepted, at, text)
                    .with("id", id)
                    .with("version", version)
                    .with("sha256", sha256)
                    .with("origin", origin)
                    .with("approvers", Datum::List(names.collect()));
                self.recorder.record(said.into(), Context::default(), now);
                if let Some(before) = instead_of {
                    self.say_superseded(&before, "pending", version, now);
                }
                accepted = Some(version);
            }
            Err(reason) => {
                let text = format!("Master File refused: {reason}");
                let said = Said::new(EventKind::MasterFileRefused, at, text)
                    .with("reason", reason)
                    .with("sha256", sha256)
                    .with("origin", origin);
                self.recorder.record(said.into(), Context::default(), now);
            }
        }
        self.bring_into_force(accepted, now);
        if accepted.is_some() {
            self.keep_master_files();
        }
    }

    /// A batch may have begun or ended.
    pub(super) fn batches_changed(&mut self, now: Now) {
        if std::mem::take(&mut self.batch_turned) {
            self.activate(now);
        }
    }

    /// Brings a waiting Master File into force where it may.
    pub(super) fn activate(&mut self, now: Now) {
        self.bring_into_force(None, now);
    }

    fn bring_into_force(&mut self, accepted: Option<u64>, now: Now) {
        let mut changed = false;
        loop {
            let units = &self.units;
            let runs =
                |id: &str| units.iter().any(|unit| unit.id == id && unit.batch.open.is_some());
            let Some(next) = self.master_files.next_change(runs, now) else { break };
            self.in_force(&next, now);
            changed = true;
        }
        for settled in self.master_files.settle(accepted, now) {
            changed = true;
            self.say_settled(&settled, now);
        }
        if changed {
            self.keep_master_files();
            self.judge_unjudged(now);
            self.judge_expiry(now);
        }
    }

    fn in_force(&mut self, next: &InForce, now: Now) {
        self.cut_frames(now);
        let at = now.mono.floor_ms();
        let InForce { file, sha256, index, units, everywhere, superseded } = next;
        self.recorder.set_master_file(units, *index);
        let place = if *everywhere && units.len() == self.units.len() {
            String::new()
        } else {
            format!(" in {}", units.join(", "))
        };
        let text = format!("Master File {} version {} is in force{place}", file.id, file.version);
        let said = Said::new(EventKind::MasterFileInForce, at, text)
            .with("index", u64::from(*index))
            .with("id", file.id.clone())
            .with("version", file.version)
            .with("sha256", Datum::Bytes(sha256.0.to_vec()))
            .with("units", list(units))
            .with("everywhere", Datum::Bool(*everywhere));
        self.recorder.record(said.into(), Context::default(), now);
        for before in superseded {
            self.say_superseded(before, "in-force", file.version, now);
        }
        for (device, place) in self.devices.iter_mut().zip(&self.places) {
            let unit = place.map(|(unit, _)| &self.units[unit].id);
            if unit.is_some_and(|unit| units.contains(unit)) {
                device.master_file(file);
            }
        }
        let rules = Rules::new(file);
        for unit in 0..self.units.len() {
            if units.contains(&self.units[unit].id) {
                let said = self.units[unit].master_file(&rules, at);
                self.unit_said(unit, said, now);
            }
        }
        self.annunciation.look_again();
        self.escalate_standing(now);
    }

    fn say_superseded(&mut self, entry: &Entry, was: &str, by: u64, now: Now) {
        let at = now.mono.floor_ms();
        let text = format!(
            "Master File {} version {} ({was}) is superseded by version {by}",
            entry.id, entry.version
        );
        let said =
            about(EventKind::MasterFileSuperseded, at, text, entry).with("was", was).with("by", by);
        self.recorder.record(said.into(), Context::default(), now);
    }

    fn say_settled(&mut self, settled: &Settled, now: Now) {
        let at = now.mono.floor_ms();
        let said = match settled {
            Settled::Waits(entry, units) => {
                let effective = entry.file.as_ref().map(|file| file.effective).unwrap_or_default();
                let until = match entry.waits {
                    Waits::Effective => words(effective),
                    Waits::Batch | Waits::No => {
                        format!("the running batch ends ({})", units.join(", "))
                    }
                };
                let text = format!(
                    "Master File {} version {} waits until {until}",
                    entry.id, entry.version
                );
                about(EventKind::MasterFilePending, at, text, entry)
                    .with("waits", entry.waits.word())
                    .with("effective_utc_ns", effective.0)
                    .with("units", list(units))
            }
            Settled::ExpiredPending(entry) => {
                let text = format!(
                    "Master File {} version {} expired before it began to judge: it never will",
                    entry.id, entry.version
                );
                about(EventKind::MasterFileExpired, at, text, entry).with("was", "pending")
            }
            Settled::Expired(entry) => {
                let text = format!(
                    "Master File {} version {} in force has expired; it goes on judging",
                    entry.id, entry.version
                );
                about(EventKind::MasterFileExpired, at, text, entry).with("was", "in-force")
            }
        };
        self.recorder.record(said.into(), Context::default(), now);
    }

    /// Says which files the next start needs.
    fn keep_master_files(&mut self) {
        let entries = self.master_files.entries();
        let files = entries.iter().map(|one| (one.sha256, one.version)).collect();
        let highest_version = self.master_files.highest_version();
        self.outputs.push_back(Output::KeepMasterFiles { files, highest_version });
    }

    /// Units in which nothing judges: readings are recorded there, and that is said loudly.
    fn judge_unjudged(&mut self, now: Now) {
        let without = self.master_files.unjudged().join(", ");
        let note = (!without.is_empty()).then(|| format!("nothing judges in {without}"));
        self.condition(NO_MASTER_FILE, note.is_some(), note, now);
    }

    /// An expired file goes on judging; the alarm says so (LAW-05).
    pub(super) fn judge_expiry(&mut self, now: Now) {
        let expired =
            self.master_files.entries().iter().filter(|one| one.judges() && one.expiry_said);
        let names: Vec<_> =
            expired.map(|one| format!("{} version {}", one.id, one.version)).collect();
        let note = (!names.is_empty()).then(|| names.join(", "));
        self.condition(MASTER_FILE_EXPIRED, note.is_some(), note, now);
    }
}

/// An event about a Master File.
fn about(kind: EventKind, at: Mono, text: String, entry: &Entry) -> Said {
    Said::new(kind, at, text)
        .with("id", entry.id.clone())
        .with("version", entry.version)
        .with("sha256", Datum::Bytes(entry.sha256.0.to_vec()))
}

fn list(units: &[String]) -> Datum {
    Datum::List(units.iter().map(|unit| unit.as_str().into()).collect())
}
