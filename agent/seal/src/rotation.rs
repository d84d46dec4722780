//! An agent changes its key: one record, sealed with the old key, in which the new key has sealed that it follows.
//!
//! Either seal alone proves nothing: the old key's, because whoever stole it would name a key that knows nothing of it;
//! the new key's, because anybody can make a key. Which keys an agent may have at all, the roster says.

use cellwatch_record::{
    Body, Datum, DecodeError, Event, EventKind, JournalId, KEY_SUCCESSION_CONTENT_TYPE,
    KeySuccession, Record,
};

use crate::{KeyId, PublicKey, SealError, Sealer, open, seal};

/// Details of the event.
const OLD_KEY: &str = "old_key";
const NEW_KEY: &str = "new_key";
const SUCCESSION: &str = "succession";

/// From one key to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The key that sealed the record, and no later one.
    pub old: PublicKey,
    /// The key that seals from the next record on.
    pub new: PublicKey,
}

/// Why a record that says that the key was changed is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// A detail is missing or of another type.
    #[error("the change of keys has no {0}")]
    Missing(&'static str),
    /// The record is sealed with another key than the one that it says is the old one.
    #[error("the change of keys is sealed with key {found}, not with {old}, from which it changes")]
    NotTheOldKey {
        /// The key that it changes from.
        old: KeyId,
        /// The key that sealed it.
        found: KeyId,
    },
    /// The new key has not sealed it.
    #[error("the new key {new} has not sealed that it follows: {cause}")]
    NotTheNewKey {
        /// The key that it changes to.
        new: KeyId,
        /// What is wrong with its seal.
        cause: SealError,
    },
    /// What the new key sealed cannot be read.
    #[error("what the new key has sealed cannot be read: {0}")]
    Unreadable(DecodeError),
    /// The new key sealed something else.
    #[error(
        "what the new key has sealed is of another agent, journal or key: it was taken from elsewhere"
    )]
    OfAnother,
}

/// What `new` seals before it follows `old`.
#[must_use]
pub fn seal_succession(
    new: &dyn Sealer,
    old: &PublicKey,
    agent: &str,
    journal: JournalId,
) -> Vec<u8> {
    let succession =
        KeySuccession { agent: agent.to_owned(), journal, old: old.0, new: new.public().0 };
    seal(new, KEY_SUCCESSION_CONTENT_TYPE, &succession.encode())
}

/// The change of keys that a record says, if it says one, sealed by both. `sealed_with` is the key that the record's
/// own seal was verified with.
///
/// # Errors
/// It says one that one of the two keys has not sealed, or that was taken from elsewhere.
pub fn rotation(
    record: &Record,
    sealed_with: &PublicKey,
) -> Result<Option<Rotation>, RotationError> {
    let Some(claimed) = untrusted_rotation(record) else { return Ok(None) };
    let (Rotation { old, new }, event) = claimed?;
    if old != *sealed_with {
        return Err(RotationError::NotTheOldKey { old: old.id(), found: sealed_with.id() });
    }
    let Some(Datum::Bytes(sealed)) = event.details.get(SUCCESSION) else {
        return Err(RotationError::Missing(SUCCESSION));
    };
    let not_new = |cause| RotationError::NotTheNewKey { new: new.id(), cause };
    let verified = open(sealed)
        .and_then(|sealed| sealed.verify(KEY_SUCCESSION_CONTENT_TYPE, &new))
        .map_err(not_new)?;
    let said = KeySuccession::decode(verified.get()).map_err(RotationError::Unreadable)?;
    let identity = &record.common.identity;
    let (agent, journal) = (identity.agent.clone(), identity.journal);
    if said != (KeySuccession { agent, journal, old: old.0, new: new.0 }) {
        return Err(RotationError::OfAnother);
    }
    Ok(Some(Rotation { old, new }))
}

/// The keys that a record claims to change, before anybody has verified it.
pub(crate) fn claimed(record: &Record) -> Option<Rotation> {
    untrusted_rotation(record)?.ok().map(|(rotation, _)| rotation)
}

fn untrusted_rotation(record: &Record) -> Option<Result<(Rotation, &Event), RotationError>> {
    let Body::Event(event) = &record.body else { return None };
    if event.kind != EventKind::KeyRotated {
        return None;
    }
    let key = |name: &'static str| {
        let Some(Datum::Bytes(bytes)) = event.details.get(name) else {
            return Err(RotationError::Missing(name));
        };
        bytes.as_slice().try_into().map(PublicKey).map_err(|_| RotationError::Missing(name))
    };
    let keys = key(OLD_KEY).and_then(|old| Ok(Rotation { old, new: key(NEW_KEY)? }));
    Some(keys.map(|rotation| (rotation, event)))
}
