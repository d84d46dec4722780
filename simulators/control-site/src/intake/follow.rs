//! Sets each verified record beside its chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cellwatch_model::Utc;
use cellwatch_record::{Hash, Identity, JournalId};
use cellwatch_seal::KeyId;

use super::{
    Accepted, Checked, CheckedRecord, JournalKeys, Misfit, Outcome, Place, Progress, Reason,
    Refusal, Succession, Verifier,
};

/// Most journals of one agent: a journal begins with a new disk or a restored image, not daily.
/// What would begin one more is refused.
pub const JOURNALS_PER_AGENT_MAX: usize = 1024;

/// Agent and journal.
pub type JournalKey = (String, JournalId);

/// Where accepted records and refusals go, and what is there already.
pub trait Records {
    /// Why it could not be read or written.
    type Error;

    /// Hash of the payload of a record that is held.
    ///
    /// # Errors
    /// The records cannot be read.
    fn payload_hash(&mut self, identity: &Identity) -> Result<Option<Hash>, Self::Error>;

    /// A held record after this one that `key` has sealed, if there is any.
    ///
    /// # Errors
    /// The records cannot be read.
    fn held_after(&mut self, identity: &Identity, key: KeyId) -> Result<Option<u64>, Self::Error>;

    /// Keeps what came of a message.
    ///
    /// # Errors
    /// The records cannot be written.
    fn keep(&mut self, outcome: &Outcome) -> Result<(), Self::Error>;
}

/// The state of every journal.
#[derive(Debug)]
pub struct Intake {
    verifier: Arc<Verifier>,
    journals: BTreeMap<JournalKey, Progress>,
    keys: BTreeMap<JournalKey, JournalKeys>,
    /// Journals whose last record was ahead of our clock.
    ahead: BTreeSet<JournalKey>,
}

impl Intake {
    /// Goes on with `journals` and their `keys` as they were left.
    #[must_use]
    pub const fn new(
        verifier: Arc<Verifier>,
        journals: BTreeMap<JournalKey, Progress>,
        keys: BTreeMap<JournalKey, JournalKeys>,
    ) -> Self {
        Self { verifier, journals, keys, ahead: BTreeSet::new() }
    }

    /// Every journal.
    #[must_use]
    pub const fn journals(&self) -> &BTreeMap<JournalKey, Progress> {
        &self.journals
    }

    /// Takes a message: verifies what it holds, keeps it in `records`, and says what became of it.
    ///
    /// # Errors
    /// `records` cannot be read or written; this intake is then ahead of it and must be made anew.
    pub fn handle<R: Records>(
        &mut self,
        topic: &str,
        payload: &[u8],
        received: Utc,
        records: &mut R,
    ) -> Result<Vec<Outcome>, R::Error> {
        let verifier = Arc::clone(&self.verifier);
        let checked = verifier.check(topic, payload, received);
        checked.into_iter().map(|one| self.follow(one, records)).collect()
    }

    /// Takes one thing that has been verified.
    ///
    /// # Errors
    /// As for [`Self::handle`].
    pub fn follow<R: Records>(
        &mut self,
        checked: Checked,
        records: &mut R,
    ) -> Result<Outcome, R::Error> {
        let outcome = match checked {
            Checked::Record(record) => self.judge(*record, records)?,
            Checked::Summary(summary) => Outcome::Summary(summary),
            Checked::Unsigned(message) => Outcome::Unsigned(message),
            Checked::Refused(refusal) => Outcome::Refused(refusal),
            Checked::Ignored => Outcome::Ignored,
        };
        records.keep(&outcome)?;
        if let Outcome::Accepted(accepted) = &outcome
            && let Some(succession) = accepted.succession
        {
            self.succeed(&accepted.checked, succession, records)?;
        }
        if let Outcome::Accepted(accepted) = &outcome {
            rotate(&accepted.checked, records)?;
            self.look_at_clock(&accepted.checked, records)?;
        }
        Ok(outcome)
    }

    fn judge<R: Records>(
        &mut self,
        checked: CheckedRecord,
        records: &mut R,
    ) -> Result<Outcome, R::Error> {
        let common = &checked.record.common;
        let key = (common.identity.agent.clone(), common.identity.journal);
        let (seq, prev, hash) = (common.identity.seq, common.prev, checked.hash);
        if !self.journals.contains_key(&key) && self.journals_of(&key.0) >= JOURNALS_PER_AGENT_MAX {
            let detail = format!(
                "agent \"{}\" has begun more than {JOURNALS_PER_AGENT_MAX} journals",
                key.0
            );
            return Ok(refused(checked, Reason::TooManyJournals, detail));
        }
        let keys = self.keys.entry(key.clone()).or_default();
        if let Some(last) = keys.retired_before(&checked.key, seq) {
            let detail = format!(
                "seq {seq} is sealed with key {}, which another one followed at seq {last}: that key is used elsewhere",
                checked.key
            );
            return Ok(refused(checked, Reason::RetiredKey, detail));
        }
        let progress = self.journals.entry(key).or_default();
        let place = progress.place(seq, prev, hash);
        Ok(match place {
            Place::Fits | Place::BeginsIsland => {
                progress.take(seq, prev, hash);
                let succession = Succession::of(&checked.record);
                let opens_hole = place == Place::BeginsIsland;
                let is_first = keys.sealed(checked.key, seq);
                if checked.rotation.is_some() {
                    keys.rotated(checked.key, seq);
                }
                let key_is_news = is_first || checked.rotation.is_some();
                Outcome::Accepted(Box::new(Accepted {
                    checked,
                    opens_hole,
                    succession,
                    key_is_news,
                }))
            }
            Place::Held => match records.payload_hash(&common.identity)? {
                Some(held) if held == hash => {
                    progress.counts.duplicates += 1;
                    Outcome::Duplicate(checked.record.common.identity)
                }
                held => {
                    progress.counts.refused += 1;
                    let held = held.map_or_else(|| "unknown".to_owned(), |held| held.to_string());
                    let detail = format!(
                        "seq {seq} is held with hash {held}, now it came with {hash}: \
                         the agent's journal was forked (a restored disk image, or its key is used elsewhere)"
                    );
                    refused(checked, Reason::Conflict, detail)
                }
            },
            Place::Misfit(Misfit { later, named, actual }) => {
                progress.counts.refused += 1;
                let detail = format!(
                    "seq {later} names {named} as the record before, seq {} has hash {actual}: \
                     one of them is of another chain",
                    later - 1
                );
                refused(checked, Reason::PrevMismatch, detail)
            }
            Place::NoRoom => {
                progress.counts.no_room += 1;
                Outcome::NoRoom(checked.record.common.identity)
            }
            Place::BadSequence => {
                progress.counts.refused += 1;
                let detail = format!("sequence numbers begin with 1 and end below 2^64, not {seq}");
                refused(checked, Reason::BadSequence, detail)
            }
        })
    }

    /// A journal has begun that names the one before: how far that one reached is now known.
    fn succeed<R: Records>(
        &mut self,
        checked: &CheckedRecord,
        succession: Succession,
        records: &mut R,
    ) -> Result<(), R::Error> {
        let agent = checked.record.common.identity.agent.clone();
        let Some(last_seq) = succession.last_seq.filter(|seq| *seq > 0) else { return Ok(()) };
        let key = (agent.clone(), succession.previous);
        if !self.journals.contains_key(&key) && self.journals_of(&agent) >= JOURNALS_PER_AGENT_MAX {
            return Ok(());
        }
        let progress = self.journals.entry(key).or_default();
        progress.learn_last(last_seq);
        let highest = progress.highest();
        let previous = succession.previous;
        let identity = Identity { agent, journal: previous, seq: last_seq };
        let held = if progress.holds(last_seq) { records.payload_hash(&identity)? } else { None };
        let complaint = match (held, succession.last_hash) {
            (Some(held), Some(named)) if held != named => Some(format!(
                "the new journal says that seq {last_seq} of journal {previous} has hash {named}, \
                 held is {held}"
            )),
            _ if highest > last_seq => Some(format!(
                "the new journal says that journal {previous} ended with seq {last_seq}, \
                 held are records up to {highest}: the agent went on from an older disk image"
            )),
            _ => None,
        };
        if let Some(detail) = complaint {
            let outcome = refused(checked.clone(), Reason::SuccessionMismatch, detail);
            records.keep(&outcome)?;
        }
        Ok(())
    }

    /// A record that is held although it is ahead of our clock is shown, once until one comes that is not.
    fn look_at_clock<R: Records>(
        &mut self,
        checked: &CheckedRecord,
        records: &mut R,
    ) -> Result<(), R::Error> {
        let common = &checked.record.common;
        let key = (common.identity.agent.clone(), common.identity.journal);
        let Some(ahead_s) = checked.ahead_s else {
            self.ahead.remove(&key);
            return Ok(());
        };
        if self.ahead.insert(key) {
            let detail = format!(
                "held from seq {} on: the record says that it was made {ahead_s} s from now, by a clock that it calls {}; \
                 a clock-corrected event says how far it was off, as soon as it is synchronised",
                common.identity.seq, common.clock.sync
            );
            records.keep(&refused(checked.clone(), Reason::ClockAhead, detail))?;
        }
        Ok(())
    }

    fn journals_of(&self, agent: &str) -> usize {
        let from = (agent.to_owned(), JournalId([0; 16]));
        let to = (agent.to_owned(), JournalId([0xff; 16]));
        self.journals.range(from..=to).count()
    }
}

/// A key was changed: what the old one has sealed after it, and came before this, is shown beside it.
fn rotate<R: Records>(checked: &CheckedRecord, records: &mut R) -> Result<(), R::Error> {
    if checked.rotation.is_none() {
        return Ok(());
    }
    let identity = &checked.record.common.identity;
    if let Some(later) = records.held_after(identity, checked.key)? {
        let detail = format!(
            "with seq {} key {} was followed by another one, but seq {later} is held, sealed with it",
            identity.seq, checked.key
        );
        records.keep(&refused(checked.clone(), Reason::RetiredKey, detail))?;
    }
    Ok(())
}

fn refused(checked: CheckedRecord, reason: Reason, detail: String) -> Outcome {
    let identity = checked.record.common.identity;
    Outcome::Refused(Box::new(Refusal {
        reason,
        detail,
        topic: checked.topic,
        agent: Some(identity.agent),
        journal: Some(identity.journal.to_string()),
        seq: Some(identity.seq),
        received: checked.received,
        evidence: checked.sealed,
    }))
}
