//! What a new key seals before it takes over: that it follows the old one, for one agent and one journal.

use crate::cbor::{DecodeError, MapWriter, Reader};
use crate::common::JournalId;

/// "I seal the records of this agent and journal after that key." It stands, sealed by the new key, in the record
/// that the old one seals last (event `key-rotated`): each of the two says that it knows the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySuccession {
    /// The agent.
    pub agent: String,
    /// The journal: in another one it says nothing.
    pub journal: JournalId,
    /// The Ed25519 public key that has sealed so far.
    pub old: [u8; 32],
    /// The Ed25519 public key that seals from then on.
    pub new: [u8; 32],
}

impl KeySuccession {
    /// The payload of its seal (`record.cddl`, `key-succession`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.agent);
        map.key(2).bytes(&self.journal.0);
        map.key(3).bytes(&self.old);
        map.key(4).bytes(&self.new);
        map.end();
        out
    }

    /// What a payload says.
    ///
    /// # Errors
    /// Not a succession of this version, or one of a key after itself.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("key-succession")?;
        map.version("key succession version")?;
        let agent = map.required(1)?.string()?;
        let journal = JournalId(map.required(2)?.fixed()?);
        let old = map.required(3)?.fixed()?;
        let new = map.required(4)?.fixed()?;
        map.end()?;
        reader.end(payload.len())?;
        if old == new {
            return Err(DecodeError::Inconsistent("a key does not follow itself"));
        }
        let succession = Self { agent, journal, old, new };
        if succession.encode() == payload {
            Ok(succession)
        } else {
            Err(DecodeError::NotDeterministic)
        }
    }
}
