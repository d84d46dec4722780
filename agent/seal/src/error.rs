//! Why sealed or signed bytes are refused.

use crate::KeyId;

/// Why sealed or signed bytes are refused. Nothing of them may be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the tagged COSE structure that is expected.
    #[error("not a {expected} (RFC 9052): {cause}")]
    NotCose {
        /// `COSE_Sign1` or `COSE_Sign`, with its tag.
        expected: &'static str,
        /// What the decoder says.
        cause: String,
    },
    /// Bytes follow the COSE structure.
    #[error("other bytes follow the sealed item: they were not sealed, so the whole is refused")]
    TrailingBytes,
    /// Well-formed, but not written the one way in which cellwatch writes it.
    #[error(
        "not encoded deterministically (RFC 8949 §4.2.1): somebody re-encoded it after it was made"
    )]
    NotDeterministic,
    /// Something stands where no signature protects it.
    #[error("has unprotected headers, which no signature covers")]
    UnprotectedHeader,
    /// The protected header holds something that has no meaning here.
    #[error("the protected header holds {what}, which has no meaning here")]
    UnexpectedHeader {
        /// What it holds.
        what: &'static str,
    },
    /// No algorithm is named.
    #[error("the protected header names no algorithm")]
    NoAlgorithm,
    /// Another algorithm than Ed25519.
    #[error("the algorithm is {found}, not EdDSA")]
    Algorithm {
        /// What is named.
        found: String,
    },
    /// No key is named.
    #[error("the protected header names no key id (kid)")]
    NoKeyId,
    /// The key id is not eight bytes.
    #[error("the key id (kid) has {found} bytes instead of 8")]
    KeyIdLength {
        /// Its length in bytes.
        found: usize,
    },
    /// No content type is named, or none as text.
    #[error("the protected header names no content type")]
    NoContentType,
    /// The payload stands elsewhere.
    #[error("the payload is detached: only embedded payloads are accepted")]
    Detached,
    /// The signature is not 64 bytes.
    #[error("the signature has {found} bytes instead of 64")]
    SignatureLength {
        /// Its length in bytes.
        found: usize,
    },
    /// A document without any signature.
    #[error("nobody has signed it")]
    NoSignatures,
    /// More signatures than anybody needs.
    #[error("has {found} signatures; more than {most} are not looked at")]
    TooManySignatures {
        /// How many.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// One key has signed twice.
    #[error("key {key_id} has signed twice: each signature must be of another key")]
    SameKeyTwice {
        /// The key.
        key_id: KeyId,
    },
    /// It was sealed as something else.
    #[error("sealed as \"{found}\", not as \"{expected}\"")]
    ContentType {
        /// What was asked for.
        expected: String,
        /// What it was sealed as.
        found: String,
    },
    /// It names another key than the one that it is to be verified with.
    #[error("sealed by key {found}, not by key {expected}")]
    OtherKey {
        /// The key that was asked for.
        expected: KeyId,
        /// The key that it names.
        found: KeyId,
    },
    /// The signature is not that key's over these bytes.
    #[error("the signature of key {key_id} does not fit: the bytes were changed or forged")]
    BadSignature {
        /// The key.
        key_id: KeyId,
    },
}
