//! The one place where a signature is checked.

use ring::signature::{ED25519, UnparsedPublicKey};

use crate::{PublicKey, SealError};

/// Checks an Ed25519 signature (RFC 8032) over the bytes of a `Sig_structure` (RFC 9052 §4.4).
///
/// # Errors
/// [`SealError::BadSignature`].
pub(crate) fn check(
    key: &PublicKey,
    sig_structure: &[u8],
    signature: &[u8],
) -> Result<(), SealError> {
    UnparsedPublicKey::new(&ED25519, key.0)
        .verify(sig_structure, signature)
        .map_err(|_| SealError::BadSignature { key_id: key.id() })
}
