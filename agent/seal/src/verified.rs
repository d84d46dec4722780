//! What was verified, so that the compiler knows.

use crate::KeyId;

/// A value that stands in bytes whose seal or signatures were verified. Only this crate's
/// verifications make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    signers: Vec<KeyId>,
}

impl<T> Verified<T> {
    /// To be called after the signatures of `signers` have been checked, and nowhere else.
    pub(crate) const fn new(value: T, signers: Vec<KeyId>) -> Self {
        Self { value, signers }
    }

    /// The value.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The value, which from here on nobody can tell from one that was never verified.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Ids of the keys whose signatures were verified, in the order of the signatures.
    #[must_use]
    pub fn signers(&self) -> &[KeyId] {
        &self.signers
    }
}
