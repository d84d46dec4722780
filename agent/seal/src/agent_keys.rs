//! The keys that may have sealed an agent's journal, and how changes of keys extend them.

use std::collections::BTreeMap;

use cellwatch_record::{RECORD_CONTENT_TYPE, decode};

use crate::rotation::{Rotation, claimed, rotation};
use crate::{KeyId, PublicKey, Roster, open};

/// Keys by their id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentKeys(BTreeMap<KeyId, PublicKey>);

impl AgentKeys {
    /// The keys that a roster lists for this agent, revoked ones too: what they sealed before is history.
    #[must_use]
    pub fn of_roster(roster: &Roster, agent: &str) -> Self {
        roster.agents.iter().filter(|one| one.agent == agent).map(|one| one.key).collect()
    }

    /// The key with this id.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&PublicKey> {
        self.0.get(id)
    }

    /// Adds a key; true if it is new.
    pub fn insert(&mut self, key: PublicKey) -> bool {
        self.0.insert(key.id(), key).is_none()
    }

    /// All of them, by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.values()
    }

    /// Their ids, for messages.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<String> = self.0.keys().map(KeyId::to_string).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// Takes up the changes of keys among `sealed` records, whatever their order: a key that a believed one has
    /// followed, or that has followed a believed one, is believed, because each of the two has sealed that it knows
    /// the other. Gives the changes that were found.
    pub fn follow<'a>(&mut self, sealed: impl IntoIterator<Item = &'a [u8]>) -> Vec<Rotation> {
        let mut open: Vec<Rotation> = sealed.into_iter().filter_map(rotation_of).collect();
        let mut found = Vec::new();
        loop {
            let before = open.len();
            open.retain(|one| {
                let known = self.get(&one.old.id()).is_some() || self.get(&one.new.id()).is_some();
                if known {
                    self.insert(one.old);
                    self.insert(one.new);
                    found.push(*one);
                }
                !known
            });
            if open.len() == before {
                return found;
            }
        }
    }
}

/// The change of keys in a sealed record, if its two keys have sealed it, whoever they are.
fn rotation_of(sealed: &[u8]) -> Option<Rotation> {
    let opened = open(sealed).ok()?;
    let record = decode(opened.untrusted_payload()).ok()?;
    let old = claimed(&record)?.old;
    opened.verify(RECORD_CONTENT_TYPE, &old).ok()?;
    rotation(&record, &old).ok().flatten()
}

impl FromIterator<PublicKey> for AgentKeys {
    fn from_iter<T: IntoIterator<Item = PublicKey>>(keys: T) -> Self {
        Self(keys.into_iter().map(|key| (key.id(), key)).collect())
    }
}

impl Extend<PublicKey> for AgentKeys {
    fn extend<T: IntoIterator<Item = PublicKey>>(&mut self, keys: T) {
        self.0.extend(keys.into_iter().map(|key| (key.id(), key)));
    }
}

impl From<PublicKey> for AgentKeys {
    fn from(key: PublicKey) -> Self {
        std::iter::once(key).collect()
    }
}
