//! Why bytes are not what they claim to be.

/// Why bytes were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not CBOR, or not of the expected type.
    #[error("at byte {at}: expected {expected}: {cause}")]
    Malformed {
        /// Offset of the item.
        at: usize,
        /// What should stand there.
        expected: &'static str,
        /// What the decoder says.
        cause: String,
    },
    /// A key that this version does not know.
    #[error(
        "at byte {at}: key {key} is not known to this version in {map}; the sender may be newer"
    )]
    UnknownKey {
        /// Offset of the key.
        at: usize,
        /// The key.
        key: u64,
        /// Name of the map in `record.cddl`.
        map: &'static str,
    },
    /// A key that must be there.
    #[error("{map} has no key {key}")]
    MissingKey {
        /// The key.
        key: u8,
        /// Name of the map in `record.cddl`.
        map: &'static str,
    },
    /// A number that this version gives no meaning.
    #[error("{what} {code} is not known to this version; the sender may be newer")]
    UnknownCode {
        /// What the number stands for.
        what: &'static str,
        /// The number.
        code: u64,
    },
    /// Well-formed, but not the one way in which it is written.
    #[error(
        "not written deterministically, or followed by other bytes: the bytes are not those that were sealed"
    )]
    NotDeterministic,
    /// The parts do not fit each other.
    #[error("{0}")]
    Inconsistent(&'static str),
}
