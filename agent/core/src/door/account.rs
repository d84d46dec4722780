//! What happens to accounts.

use crate::evaluate::Duty;

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStep {
    /// A person logs in.
    LogIn,
    /// A person logs out, or is logged out because nothing was done for too long.
    LogOut,
    /// A person changes the own password.
    ChangePassword,
    /// Someone is added.
    Add,
    /// Someone may log in no more.
    Disable,
    /// Someone gets a new one-time password, and may log in again.
    Reset,
}

impl AccountStep {
    /// Every step.
    pub const ALL: [Self; 6] =
        [Self::LogIn, Self::LogOut, Self::ChangePassword, Self::Add, Self::Disable, Self::Reset];

    /// The word in action records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LogIn => "log in",
            Self::LogOut => "log out",
            Self::ChangePassword => "change password",
            Self::Add => "add account",
            Self::Disable => "disable account",
            Self::Reset => "reset account",
        }
    }

    /// What whoever does it must be allowed.
    #[must_use]
    pub const fn duty(self) -> Duty {
        match self {
            Self::LogIn | Self::LogOut | Self::ChangePassword => Duty::LogIn,
            Self::Add | Self::Disable | Self::Reset => Duty::ManageAccounts,
        }
    }
}
