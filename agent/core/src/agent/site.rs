//! The Control Site's word on the site: rosters and commands, and what they mean for batches.

use cellwatch_model::Now;
use cellwatch_record::{Batch, BatchChange, Datum, EventKind, Order, SiteStatus};

use super::Agent;
use crate::door::{CommandOffer, Output, RosterOffer};
use crate::evaluate::{Obeyed, SITE_STATUS, not_authorised, words};
use crate::journal::{Context, Said};

impl Agent {
    /// The shell has taken a roster or refused one; here it only goes on record.
    pub(super) fn roster(&mut self, offer: RosterOffer, now: Now) {
        let at = now.mono.floor_ms();
        let said = match offer.outcome {
            Ok(version) => {
                let text = format!("version {version} of the roster is in use");
                Said::new(EventKind::RosterAccepted, at, text).with("version", version)
            }
            Err(reason) => {
                Said::new(EventKind::RosterRefused, at, format!("roster refused: {reason}"))
                    .with("reason", reason)
            }
        };
        let said =
            said.with("origin", offer.origin).with("sha256", Datum::Bytes(offer.sha256.0.to_vec()));
        self.recorder.record(said.into(), Context::default(), now);
    }

    /// Obeys a command, or refuses it: either is a record, which is the answer.
    pub(super) fn command(&mut self, offer: &CommandOffer, now: Now) {
        let at = now.mono.floor_ms();
        let refused = |reason: &str| {
            Said::new(EventKind::CommandRefused, at, format!("command refused: {reason}"))
                .with("refusal", reason)
        };
        let said = match &offer.command {
            Err(reason) => refused(reason),
            Ok(command) => match self.site.take(command, offer.sha256, now) {
                Ok(Obeyed::Again) => return,
                Ok(Obeyed::From(before)) => {
                    let Order::SiteStatus(status) = command.order;
                    let text = format!(
                        "command {}: the site was {before}, is {status} ({})",
                        command.number, command.reason
                    );
                    self.outputs.push_back(Output::KeepSite(self.site.saved().clone()));
                    Said::new(EventKind::CommandAccepted, at, text)
                        .with("site_status", status.word())
                        .with("before", before.word())
                        .with("reason", command.reason.clone())
                }
                Err(reason) => refused(&reason),
            }
            .with("number", command.number)
            .with("signer", offer.signer.clone()),
        };
        let said = said.with("sha256", Datum::Bytes(offer.sha256.0.to_vec()));
        self.recorder.record(said.into(), Context::default(), now);
        self.judge_site(now);
    }

    /// A site that is not active says so as long as it is not.
    pub(super) fn judge_site(&mut self, now: Now) {
        let status = self.site.status();
        let note = (status != SiteStatus::Active).then(|| format!("the site is {status}"));
        self.condition(SITE_STATUS, note.is_some(), note, now);
    }

    /// A batch that starts although none may: at a site that is not active, or under an expired Master
    /// File. It is recorded and judged like any other, under an alarm until it ends.
    pub(super) fn judge_start(&mut self, unit: usize, change: &Batch, now: Now) {
        self.batch_turned = true;
        let unit = self.units[unit].id.clone();
        match change.change {
            BatchChange::Phase | BatchChange::Sealed => {}
            BatchChange::Ended => self.condition(&not_authorised(&unit), false, None, now),
            BatchChange::Started => {
                let mut why = Vec::new();
                let status = self.site.status();
                if status != SiteStatus::Active {
                    why.push(format!("while the site is {status}"));
                }
                let expired = self.master_files.of_unit(&unit).filter(|one| one.is_expired(now));
                if let Some(file) = expired.and_then(|one| one.file.as_ref()) {
                    why.push(format!(
                        "under Master File {} version {}, which expired at {}",
                        file.id,
                        file.version,
                        words(file.expires)
                    ));
                }
                if !why.is_empty() {
                    let note = format!("batch {} was started {}", change.batch, why.join(" and "));
                    self.condition(&not_authorised(&unit), true, Some(note), now);
                }
            }
        }
    }
}
