//! Slows guessing down, per account and per address, without telling which accounts there are. Pure.
//!
//! After [`FREE`] wrong passwords in a row an account is locked, for a time that doubles with each further one up
//! to a bound; so is an address, later and for less, because one panel serves a whole room. A name that nobody has
//! is locked like one that somebody has. NIST SP 800-63B, §5.2.2 asks for a limit on consecutive failed attempts.

use std::collections::BTreeMap;
use std::net::IpAddr;

use cellwatch_model::Mono;

use super::key_of;

/// Wrong passwords of an account in a row before it is locked.
const FREE: u32 = 5;
/// First and longest lock of an account, milliseconds.
const ACCOUNT_MS: (u64, u64) = (30_000, 900_000);
/// Wrong passwords from an address in a row before it is locked.
const ADDRESS_FREE: u32 = 20;
/// First and longest lock of an address, milliseconds.
const ADDRESS_MS: (u64, u64) = (5_000, 60_000);
/// Names and addresses that are remembered, each: beyond it the one with the fewest failures is forgotten.
const REMEMBERED_MAX: usize = 1024;
/// Characters of a name that count: what is longer is nobody's.
const NAME_CHARACTERS: usize = 64;

/// What failed for a name or an address.
#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    in_a_row: u32,
    until: Mono,
    /// Attempts that were refused while locked.
    refused: u32,
}

/// Too many wrong passwords: to be tried again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// In so many milliseconds.
    pub retry_after_ms: u64,
}

/// Who failed how often.
#[derive(Debug, Default)]
pub struct Lockout {
    accounts: BTreeMap<String, Failures>,
    addresses: BTreeMap<IpAddr, Failures>,
}

impl Lockout {
    /// Whether this name may be tried from this address now.
    ///
    /// # Errors
    /// It is locked; the attempt is counted.
    pub fn may_try(&mut self, name: &str, from: IpAddr, now: Mono) -> Result<(), Locked> {
        let account = self.accounts.get_mut(&known_as(name));
        let address = self.addresses.get_mut(&from);
        let mut until = Mono::default();
        for failures in [account, address].into_iter().flatten() {
            if failures.until > now {
                failures.refused = failures.refused.saturating_add(1);
                until = until.max(failures.until);
            }
        }
        if until > now {
            // Rounded up, so that whoever waits as told is let in.
            return Err(Locked { retry_after_ms: until.ms_since(now) + 1 });
        }
        Ok(())
    }

    /// The password was wrong, or nobody has this name.
    pub fn failed(&mut self, name: &str, from: IpAddr, now: Mono) {
        let account = room_for(&mut self.accounts, known_as(name));
        fail(account, FREE, ACCOUNT_MS, now);
        fail(room_for(&mut self.addresses, from), ADDRESS_FREE, ADDRESS_MS, now);
    }

    /// The password was right: nothing counts any more. Gives how many attempts were refused while locked.
    pub fn succeeded(&mut self, name: &str, from: IpAddr) -> u32 {
        let account = self.accounts.remove(&known_as(name));
        self.addresses.remove(&from);
        account.map_or(0, |failures| failures.refused)
    }

    /// How many attempts were refused while the account was locked, since the last that was not.
    pub fn take_refused(&mut self, name: &str) -> u32 {
        let account = self.accounts.get_mut(&known_as(name));
        account.map_or(0, |failures| std::mem::take(&mut failures.refused))
    }

    /// Somebody in charge lets the account in again.
    pub fn forget(&mut self, name: &str) {
        self.accounts.remove(&known_as(name));
    }
}

fn known_as(name: &str) -> String {
    key_of(name).chars().take(NAME_CHARACTERS).collect()
}

fn fail(failures: &mut Failures, free: u32, (first_ms, most_ms): (u64, u64), now: Mono) {
    failures.in_a_row = failures.in_a_row.saturating_add(1);
    if let Some(doublings) = failures.in_a_row.checked_sub(free) {
        let lock_ms = first_ms.saturating_mul(1 << doublings.min(32)).min(most_ms);
        failures.until = now.plus_ms(lock_ms);
    }
}

fn room_for<K: Ord + Clone>(known: &mut BTreeMap<K, Failures>, key: K) -> &mut Failures {
    if !known.contains_key(&key) && known.len() >= REMEMBERED_MAX {
        let least = known.iter().min_by_key(|(_, one)| (one.in_a_row, one.until));
        if let Some(least) = least.map(|(key, _)| key.clone()) {
            known.remove(&least);
        }
    }
    known.entry(key).or_default()
}
