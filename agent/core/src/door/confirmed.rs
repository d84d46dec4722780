//! Whether a person proved who they are for an action.

/// Whether a person proved who they are for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// Nothing was given that would prove it.
    No,
    /// Gave the password again, or is the account that the kernel names.
    Yes {
        /// So many attempts were refused before, while the account was locked.
        refused_before: u32,
    },
    /// The shell refuses the action, as with a wrong password: why, for the record.
    Refused(String),
}

impl From<bool> for Confirmed {
    fn from(confirmed: bool) -> Self {
        if confirmed { Self::Yes { refused_before: 0 } } else { Self::No }
    }
}
