//! What stands in a row: a sealed record, or its bare payload where no key was at hand when it was recorded.

use cellwatch_record::{RECORD_CONTENT_TYPE, Record, decode};
use cellwatch_seal::{AgentKeys, KeyId, PublicKey, SealError};

/// Every seal begins with the tag of `COSE_Sign1` (RFC 9052 §2), every payload with a CBOR map.
const SEAL_BEGINS: u8 = 0xd2;

/// A record and who sealed it.
pub(super) struct Unsealed {
    pub(super) record: Record,
    pub(super) payload: Vec<u8>,
    /// None while no key has sealed it.
    pub(super) key: Option<PublicKey>,
}

/// Why a row holds no record of ours.
pub(super) enum NotOurs {
    OtherKey(KeyId),
    Damaged(String),
}

/// True for a sealed record, false for one that waits for a key.
pub(super) fn is_sealed(stored: &[u8]) -> bool {
    stored.first() == Some(&SEAL_BEGINS)
}

/// The payload of a stored record. Nobody checks its seal here.
pub(super) fn payload(stored: &[u8]) -> Result<&[u8], SealError> {
    if is_sealed(stored) {
        cellwatch_seal::open(stored).map(|sealed| sealed.untrusted_payload())
    } else {
        Ok(stored)
    }
}

/// The record in a row; its seal is verified where it has one.
pub(super) fn unseal(stored: &[u8], keys: &AgentKeys) -> Result<Unsealed, NotOurs> {
    let damaged = |problem: String| NotOurs::Damaged(problem);
    let (payload, key) = if is_sealed(stored) {
        let opened = cellwatch_seal::open(stored)
            .map_err(|error| damaged(format!("its seal cannot be read: {error}")))?;
        let id = opened.key_id();
        let key = keys.get(&id).ok_or(NotOurs::OtherKey(id))?;
        let verified = opened
            .verify(RECORD_CONTENT_TYPE, key)
            .map_err(|error| damaged(format!("its seal does not verify: {error}")))?;
        (verified.into_inner(), Some(*key))
    } else {
        (stored.to_vec(), None)
    };
    let record =
        decode(&payload).map_err(|error| damaged(format!("its payload is no record: {error}")))?;
    Ok(Unsealed { record, payload, key })
}
