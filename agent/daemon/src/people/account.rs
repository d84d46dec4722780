//! An account, and what its name and password may be.

use cellwatch_core::evaluate::Role;

/// Longest name, characters.
pub const NAME_MAX: usize = 48;
/// Shortest password, characters: NIST SP 800-63B, §5.1.1.2 asks for 8 at least; 12 where it alone opens the door.
const PASSWORD_MIN: usize = 12;
/// Longest password, characters; §5.1.1.2 asks to allow 64 at least.
const PASSWORD_MAX: usize = 128;

/// A person who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Name as known at the site, and in records.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The hash of the password, as a PHC string.
    pub hash: String,
    /// The password was given by somebody else: it must be changed first.
    pub must_change: bool,
    /// May log in no more.
    pub disabled: bool,
    /// The system account of this machine that acts for the person at the control socket.
    pub system_account: Option<String>,
    /// When it was added, UTC milliseconds.
    pub added_ms: i64,
}

/// What an account is found by: a name means the same person however it is written.
#[must_use]
pub fn key_of(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a person can have this name.
///
/// # Errors
/// What is wrong, in words.
pub fn check_name(name: &str) -> Result<(), String> {
    let fits = |one: char| one.is_alphanumeric() || " .-'_".contains(one);
    let edges = name.starts_with(char::is_alphanumeric) && name.ends_with(char::is_alphanumeric);
    if !(2..=NAME_MAX).contains(&name.chars().count()) || !edges || !name.chars().all(fits) {
        return Err(format!(
            "{name:?} is no name: 2 to {NAME_MAX} letters, digits, spaces, dots, dashes and apostrophes, a letter or digit at both ends"
        ));
    }
    Ok(())
}

/// Whether this may be the password of an account.
///
/// # Errors
/// What is wrong, in words; never the password.
pub fn check_password(name: &str, password: &str) -> Result<(), String> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(format!(
            "a password has at least {PASSWORD_MIN} characters: a few words do well"
        ));
    }
    if length > PASSWORD_MAX {
        return Err(format!("a password has at most {PASSWORD_MAX} characters"));
    }
    if key_of(password).contains(&key_of(name)) {
        return Err("a password does not hold the own name".to_owned());
    }
    let first = password.chars().next();
    if password.chars().all(|one| Some(one) == first) {
        return Err("a password is more than one character again and again".to_owned());
    }
    Ok(())
}
