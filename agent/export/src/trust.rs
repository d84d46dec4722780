//! Whose keys are believed, and what they sealed.

use std::fs::File;
use std::path::Path;

use cellwatch_record::{Hash, Kind, RECORD_CONTENT_TYPE, Record, decode, peek_identity, sha256};
use cellwatch_seal::{AgentKeys, KeyId, PublicKey, Roster, open};

use crate::sequence::Sequence;

/// Keys that are believed: of a roster, an agent's own, or both.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys of the agent whose records are looked at, given by hand.
    pub agent_keys: Vec<PublicKey>,
    /// A roster that was verified.
    pub roster: Option<Roster>,
}

impl Trust {
    /// The key with this id that may seal records of `agent`.
    #[must_use]
    pub fn agent_key(&self, agent: &str, id: &KeyId) -> Option<&PublicKey> {
        let listed = self.roster.as_ref().and_then(|roster| roster.agent_key(agent, id));
        listed.or_else(|| self.agent_keys.iter().find(|key| key.id() == *id))
    }

    /// The receipt key with this id.
    #[must_use]
    pub fn receipt_key(&self, id: &KeyId) -> Option<&PublicKey> {
        self.roster.as_ref().and_then(|roster| roster.receipt_key(id))
    }

    /// These keys, and those that followed them or that they followed by the records in a CBOR sequence: each change is
    /// sealed by both keys. What cannot be read there is nobody's key.
    #[must_use]
    pub(crate) fn followed(&self, records: &Path) -> Self {
        let mut events = Vec::new();
        if let Ok(file) = File::open(records) {
            let mut sequence = Sequence::new(file);
            while let Ok(Some(sealed)) = sequence.next() {
                let kind =
                    open(sealed).ok().and_then(|one| peek_identity(one.untrusted_payload()).ok());
                if kind.is_some_and(|(.., kind)| kind == Kind::Event) {
                    events.push(sealed.to_vec());
                }
            }
        }
        let mut keys: AgentKeys = self.agent_keys.iter().copied().collect();
        keys.follow(events.iter().map(Vec::as_slice));
        Self { agent_keys: keys.iter().copied().collect(), roster: self.roster.clone() }
    }

    /// The record in sealed bytes and the hash of its payload, if a believed key of its agent sealed it.
    ///
    /// # Errors
    /// Why it is not believed, in words.
    pub fn record(&self, sealed: &[u8]) -> Result<(Record, Hash), String> {
        let opened = open(sealed).map_err(|error| error.to_string())?;
        let claimed = decode(opened.untrusted_payload()).map_err(|error| error.to_string())?;
        let agent = &claimed.common.identity.agent;
        let id = opened.key_id();
        let key = self.agent_key(agent, &id);
        let key = key.ok_or_else(|| format!("key {id} is no known key of agent \"{agent}\""))?;
        opened.verify(RECORD_CONTENT_TYPE, key).map_err(|error| error.to_string())?;
        Ok((claimed, sha256(opened.untrusted_payload())))
    }
}
