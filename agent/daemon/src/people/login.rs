//! Who somebody is: by password, or by the account that the kernel names at the control socket.

use std::net::IpAddr;

use cellwatch_model::Mono;
use cellwatch_record::Person;

use super::lockout::Locked;
use super::worker::{Bench, busy};
use super::{Account, People, hash};

/// A password to be proved.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The name as it was typed.
    pub name: String,
    /// The password.
    pub password: String,
    /// From where.
    pub from: IpAddr,
    /// When.
    pub at: Mono,
}

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// Name or password is wrong, or the account is disabled: which of them is not told outside.
    Wrong {
        /// The account's name where there is one.
        account: Option<String>,
        /// For the record.
        why: &'static str,
        /// How many attempts were refused while it was locked, since the last that was not.
        refused_before: u32,
    },
    /// Too many wrong passwords.
    Locked(Locked),
    /// Cannot be judged now; in words.
    Unable(String),
}

impl People {
    /// Proves a password. Gives the account, and how many attempts were refused while it was locked.
    ///
    /// # Errors
    /// It is not proved.
    pub async fn prove(&self, proof: Proof) -> Result<(Account, u32), LoginError> {
        let proved = self.with(move |bench| prove(bench, &proof)).await;
        proved.unwrap_or_else(|| Err(LoginError::Unable(busy())))
    }

    /// Who acts for a system account of this machine: the person whose account is linked to it. Until the first
    /// person is added there is nobody else to ask: then the system account acts as operator under its own name.
    ///
    /// # Errors
    /// Nobody; why, in words.
    pub async fn at_the_machine(&self, system_account: &str) -> Result<Person, String> {
        let all = self.list().await?;
        let linked = |one: &&Account| one.system_account.as_deref() == Some(system_account);
        match all.iter().find(linked) {
            None if all.is_empty() => {
                Ok(Person { name: system_account.to_owned(), role: "operator".to_owned() })
            }
            None => Err(format!(
                "no person's account is linked to the system account {system_account}: add one with `cellwatch operators add --system-account {system_account}`, or use the operator page"
            )),
            Some(account) if account.disabled => {
                Err(format!("the account of {} is disabled", account.name))
            }
            Some(account) => {
                Ok(Person { name: account.name.clone(), role: account.role.word().to_owned() })
            }
        }
    }
}

fn prove(bench: &mut Bench, proof: &Proof) -> Result<(Account, u32), LoginError> {
    let Proof { name, password, from, at } = proof;
    bench.lockout.may_try(name, *from, *at).map_err(LoginError::Locked)?;
    let found = bench.store.find(name).map_err(|error| LoginError::Unable(error.to_string()))?;
    // As long a time for names that nobody has.
    let hash = found.as_ref().map_or(&bench.nobodys_hash, |account| &account.hash);
    let fits = hash::fits(password, hash);
    let why = match &found {
        None => "there is no such account",
        Some(_) if !fits => "the password is wrong",
        Some(account) if account.disabled => "the account is disabled",
        Some(account) => {
            let refused = bench.lockout.succeeded(name, *from);
            return Ok((account.clone(), refused));
        }
    };
    let refused_before = bench.lockout.take_refused(name);
    bench.lockout.failed(name, *from, *at);
    Err(LoginError::Wrong { account: found.map(|account| account.name), why, refused_before })
}
