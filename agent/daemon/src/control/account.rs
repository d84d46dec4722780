//! Names of accounts.

use std::fs;

/// The name of the account with this uid, from `/etc/passwd`.
#[must_use]
pub fn account_name(uid: u32) -> Option<String> {
    name_in(&fs::read_to_string("/etc/passwd").ok()?, uid)
}

/// passwd(5): `name:password:uid:…`.
pub(super) fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let its: u32 = fields.nth(1)?.parse().ok()?;
        (its == uid).then(|| name.to_owned())
    })
}
