//! Which key seals: taken up, changed and given up by what the roster names and the key files hold.

use std::sync::Arc;

use cellwatch_core::door::{Append, Input, KeyInput};
use cellwatch_record::{Body, EventKind, Kind, decode};
use cellwatch_seal::{AgentKeys, KeyId, Sealer, SealingKey, seal_succession};

use super::Shell;
use crate::journal::{Reseal, SharedSealer};
use crate::keys::KeyFiles;
use crate::state::Keep;

/// The key that seals, and what is known around it.
#[derive(Debug)]
pub(in crate::run) struct Keys {
    files: KeyFiles,
    /// None while nothing is sealed.
    sealer: Option<Arc<SealingKey>>,
    /// Id of the key that sealed last.
    before: Option<KeyId>,
    /// The next key, until its record is on its way.
    rotating: Option<Arc<SealingKey>>,
    /// The writer seals what waited.
    sealing_late: bool,
    /// The next key's file takes the place of the present one's when this record is on disk.
    take_over_after: Option<u64>,
}

impl Keys {
    pub(in crate::run) const fn new(
        files: KeyFiles,
        sealer: Option<Arc<SealingKey>>,
        before: Option<KeyId>,
    ) -> Self {
        Self { files, sealer, before, rotating: None, sealing_late: false, take_over_after: None }
    }
}

impl Shell {
    /// Seals `payload`, where a key is at hand.
    pub(super) fn sealed(&self, content_type: &str, payload: &[u8]) -> Option<Vec<u8>> {
        let key = self.keys.sealer.as_ref()?;
        Some(cellwatch_seal::seal(key.as_ref(), content_type, payload))
    }

    /// Id of the key that seals.
    pub(super) fn sealing_key(&self) -> Option<KeyId> {
        self.keys.sealer.as_ref().map(|key| key.public().id())
    }

    /// At the start. `waits` says that records on disk wait for a seal.
    pub(super) fn begin_to_seal(&mut self, waits: bool) {
        match self.keys.sealer.clone() {
            None => {
                let reason = self.no_key();
                self.input(Input::Key(KeyInput::Stopped { reason }));
            }
            Some(key) if waits => {
                self.seal_with(key);
            }
            Some(_) => self.sealed_late(None),
        }
        self.drain();
        self.look_at_keys();
    }

    /// The roster or a key file has changed.
    pub(super) fn look_at_keys(&mut self) {
        let found = self.keys.files.read();
        let usable = |key: &Arc<SealingKey>| self.is_usable(key);
        let next = found.next.filter(usable);
        match self.keys.sealer.clone().filter(usable) {
            // One change after the other.
            Some(_) if self.keys.take_over_after.is_some() || self.keys.sealing_late => {}
            Some(present) => {
                if let Some(next) = next.filter(|next| next.public() != present.public()) {
                    self.rotate(&present, next);
                }
            }
            None => {
                let current = found.current.ok().filter(usable);
                if let Some(key) = current {
                    self.seal_with(key);
                } else if let Some(key) = next {
                    // The present key is lost: nothing of it can seal the change.
                    self.take_over();
                    self.seal_with(key);
                } else if self.keys.sealer.take().is_some() {
                    self.keys.sealing_late = false;
                    self.adapters.writer.seal_nothing();
                    let reason = self.no_key();
                    self.input(Input::Key(KeyInput::Stopped { reason }));
                }
            }
        }
    }

    fn is_usable(&self, key: &Arc<SealingKey>) -> bool {
        let roster = &self.offers.trust().roster;
        roster.agent_key(&self.identity.agent, &key.public().id()).is_some()
    }

    /// Why no key seals, in words for people.
    fn no_key(&self) -> String {
        match self.keys.files.read().current {
            Ok(key) => format!(
                "the roster does not name key {} for agent {}; the Control Site must issue one that does",
                key.public().id(),
                self.identity.agent
            ),
            Err(error) => format!("{error} (agent.key of the site file)"),
        }
    }

    /// Seals with `key` from now on, and first of all what waits for it; until then nothing goes out.
    fn seal_with(&mut self, key: Arc<SealingKey>) {
        let id = key.public().id();
        let reason = format!("what was recorded without a key is sealed with key {id} first");
        self.input(Input::Key(KeyInput::Stopped { reason }));
        self.drain();
        self.keys.sealing_late = true;
        let usable = self.usable_keys();
        let sealer: SharedSealer = Arc::<SealingKey>::clone(&key);
        self.adapters.writer.seal_with(sealer, self.receipt_through, usable);
        self.keys.sealer = Some(key);
    }

    /// Ids of this agent's keys whose seals count now.
    fn usable_keys(&self) -> Vec<KeyId> {
        let roster = &self.offers.trust().roster;
        let agent = &self.identity.agent;
        let named = AgentKeys::of_roster(roster, agent);
        let ids = named.iter().map(cellwatch_seal::PublicKey::id);
        ids.filter(|id| roster.agent_key(agent, id).is_some()).collect()
    }

    /// This agent's keys that may have sealed records of the journal in this run.
    pub(super) fn known_keys(&self) -> AgentKeys {
        let mut keys = AgentKeys::of_roster(&self.offers.trust().roster, &self.identity.agent);
        keys.extend(self.keys.sealer.as_ref().map(|key| key.public()));
        keys
    }

    /// What seals of journals that were set aside; none while no key seals.
    pub(super) fn reseal(&self) -> Option<Reseal> {
        let key: SharedSealer = Arc::<SealingKey>::clone(self.keys.sealer.as_ref()?);
        Some(Reseal { key, usable: self.usable_keys() })
    }

    /// Nothing waits for a seal any more.
    pub(super) fn sealed_late(&mut self, late: Option<(u64, u64)>) {
        self.keys.sealing_late = false;
        let Some(key) = self.keys.sealer.clone() else { return };
        let id = key.public().id();
        let before = self.keys.before.replace(id).filter(|before| *before != id);
        self.adapters.keeper.keep(Keep::SealingKey(key.public()));
        self.input(Input::Key(KeyInput::Resumed {
            key: id.to_string(),
            before: before.map(|before| before.to_string()),
            late,
        }));
    }

    fn rotate(&mut self, present: &Arc<SealingKey>, next: Arc<SealingKey>) {
        let (old, new) = (present.public(), next.public());
        let journal = self.start.head.journal;
        let succession = seal_succession(next.as_ref(), &old, &self.identity.agent, journal);
        self.keys.rotating = Some(next);
        self.input(Input::Key(KeyInput::Rotate { old: old.0, new: new.0, succession }));
        self.drain();
        if self.keys.rotating.take().is_some() {
            tracing::error!("the change of keys could not be recorded: the present key goes on");
        }
    }

    /// Hands an append to the writer; the one with the change of keys goes with the next key.
    pub(super) fn write(&mut self, append: Append) -> bool {
        let changes = |(_, (kind, _, payload)): &(u64, &(Kind, Option<String>, Vec<u8>))| {
            *kind == Kind::Event
                && matches!(decode(payload).map(|record| record.body), Ok(Body::Event(event)) if event.kind == EventKind::KeyRotated)
        };
        let last = match &self.keys.rotating {
            Some(_) => (append.first_seq..).zip(&append.records).find(changes).map(|(seq, _)| seq),
            None => None,
        };
        let Some((last, next)) = last.zip(self.keys.rotating.take_if(|_| last.is_some())) else {
            return self.adapters.writer.append(append);
        };
        self.adapters.keeper.keep(Keep::SealingKey(next.public()));
        self.keys.before = Some(next.public().id());
        self.keys.take_over_after = Some(last);
        let sealer: SharedSealer = Arc::<SealingKey>::clone(&next);
        self.keys.sealer = Some(next);
        self.adapters.writer.append_and_change_key(append, last, sealer)
    }

    /// Everything up to here is on disk.
    pub(super) fn keys_durable(&mut self, through: u64) {
        if self.keys.take_over_after.take_if(|last| *last <= through).is_some() {
            self.take_over();
        }
    }

    fn take_over(&self) {
        if let Err(error) = self.keys.files.take_over() {
            tracing::error!(
                "{}: the next key could not take the place of the present one's file: {error}; the next start tries again",
                self.keys.files.next().display()
            );
        }
    }
}
