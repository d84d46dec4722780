//! Changes of people: on record first, then in `state.db` (LAW-11).

use cellwatch_core::door::{AccountStep, Asked, OperatorAction};
use cellwatch_core::evaluate::Role;
use cellwatch_model::Mono;
use cellwatch_record::Person;

use super::account::{Account, check_name, check_password};
use super::store::StoreError;
use super::worker::{Bench, busy};
use super::{Loop, People, hash};
use crate::control::Answer;

/// A change of people, made at this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub step: AccountStep,
    /// Whose account.
    pub name: String,
    /// The role of a new account.
    pub role: Option<Role>,
    /// The system account that a new account is linked to.
    pub system_account: Option<String>,
    /// The one-time password; none for one that is made here.
    pub password: Option<String>,
    /// The given name of whoever changes it.
    pub by: String,
    /// The system account and uid of whoever changes it, as the kernel says.
    pub at: (String, u32),
    /// Why.
    pub reason: String,
}

/// A change that is on record and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its record.
    pub seq: u64,
    /// The account as it is now.
    pub account: Account,
    /// The one-time password, where one was given or made.
    pub one_time_password: Option<String>,
}

impl People {
    /// Makes a change. One that is refused is on record too.
    ///
    /// # Errors
    /// It was refused, or could not be kept; in words.
    pub async fn change(&self, to: &Loop, change: Change) -> Result<Changed, String> {
        let Change { step, name, role, system_account, password, by, at, reason } = change;
        check_name(&by).map_err(|why| format!("--by: {why}"))?;
        let all = self.list().await?;
        let known = all.iter().find(|one| super::key_of(&one.name) == super::key_of(&name));
        let link = |link: &String| {
            all.iter().find(|one| one.system_account.as_ref() == Some(link) && !one.disabled)
        };
        let taken = system_account.as_ref().and_then(link);
        let refused = match (step, known, taken) {
            (AccountStep::Add, Some(known), _) => Some(format!(
                "there is an account {} already: names are never given twice",
                known.name
            )),
            (AccountStep::Add, None, Some(other)) => Some(format!(
                "the system account {} acts for {} already",
                system_account.clone().unwrap_or_default(),
                other.name
            )),
            (AccountStep::Add, None, None) if role.is_none() => Some("say the role".to_owned()),
            (AccountStep::Add, None, None) => check_name(&name).err(),
            (_, None, _) => Some(format!("there is no account {name}")),
            (_, Some(_), _) => None,
        };
        let secret = match (step, &refused) {
            (AccountStep::Disable, _) | (_, Some(_)) => None,
            _ => match password {
                Some(password) => {
                    check_password(&name, &password)?;
                    Some(password)
                }
                None => Some(
                    hash::one_time_password()
                        .ok_or("the operating system gives no random numbers")?,
                ),
            },
        };
        let hash = self.hashed(secret.clone()).await?;
        let account = match known {
            Some(known) => {
                let mut account = known.clone();
                account.disabled = step == AccountStep::Disable;
                account.must_change |= hash.is_some();
                account.hash = hash.unwrap_or(account.hash);
                account
            }
            None => Account {
                name: name.clone(),
                role: role.unwrap_or(Role::Viewer),
                hash: hash.unwrap_or_default(),
                must_change: true,
                disabled: false,
                system_account,
                added_ms: jiff::Timestamp::now().as_millisecond(),
            },
        };
        // A refused name may be anything: it is repeated nowhere.
        let is_named = refused.is_none() || known.is_some();
        let what = Asked::Account {
            step,
            account: if is_named { account.name.clone() } else { String::new() },
            old: Some(format!("at this machine: {} (uid {})", at.0, at.1)),
            new: (step != AccountStep::Disable && refused.is_none()).then(|| described(&account)),
            refused,
        };
        let person = Person { name: by, role: Role::Administrator.word().to_owned() };
        let action = OperatorAction { person, what, comment: reason, confirmed: true.into() };
        let seq = recorded(to.act(action).await)?;
        self.keep(account.clone(), seq).await?;
        Ok(Changed { seq, account, one_time_password: secret })
    }

    /// A person changes the own password; the one before was proved. Gives its record, and when it changed.
    ///
    /// # Errors
    /// It was refused, or could not be kept, or the account was changed meanwhile; in words.
    pub async fn change_password(
        &self,
        to: &Loop,
        account: Account,
        password: String,
        from: String,
    ) -> Result<(u64, Mono), String> {
        check_password(&account.name, &password)?;
        let hash = self.hashed(Some(password)).await?.unwrap_or_default();
        let person = Person { name: account.name.clone(), role: account.role.word().to_owned() };
        let what = Asked::Account {
            step: AccountStep::ChangePassword,
            account: account.name.clone(),
            old: Some(from),
            new: None,
            refused: None,
        };
        let action =
            OperatorAction { person, what, comment: String::new(), confirmed: true.into() };
        let seq = recorded(to.act(action).await)?;
        let kept = self.with(move |bench| replace_password(bench, &account, hash)).await;
        let at = kept.ok_or_else(busy).and_then(|kept| kept).map_err(|why| not_kept(seq, &why))?;
        Ok((seq, at))
    }

    async fn hashed(&self, password: Option<String>) -> Result<Option<String>, String> {
        let Some(password) = password else { return Ok(None) };
        let hash = self.with(move |_| hash::hash(&password)).await.ok_or_else(busy)?;
        hash.map(Some).ok_or_else(|| "the password cannot be hashed".to_owned())
    }

    async fn keep(&self, account: Account, seq: u64) -> Result<(), String> {
        let kept = self.with(move |bench| keep(bench, &account)).await;
        kept.ok_or_else(busy)
            .and_then(|kept| kept.map_err(|error| error.to_string()))
            .map(|_| ())
            .map_err(|why| not_kept(seq, &why))
    }
}

fn not_kept(seq: u64, why: &str) -> String {
    format!("recorded as seq {seq}, but not kept: {why}. Do it again")
}

/// Whatever comes of it, nobody goes on with what was proved before.
fn keep(bench: &mut Bench, account: &Account) -> Result<Mono, StoreError> {
    bench.lockout.forget(&account.name);
    let kept = bench.store.keep(account);
    let at = bench.changed(&account.name);
    kept.map(|()| at)
}

/// The account may have been disabled, or given another password, since the one before was proved.
fn replace_password(bench: &mut Bench, proved: &Account, hash: String) -> Result<Mono, String> {
    let now = bench.store.find(&proved.name).map_err(|error| error.to_string())?;
    let now = now.filter(|now| !now.disabled && now.hash == proved.hash);
    let now = now.ok_or("the account was changed meanwhile")?;
    let account = Account { hash, must_change: false, ..now };
    keep(bench, &account).map_err(|error| error.to_string())
}

fn described(account: &Account) -> String {
    let link = account.system_account.as_ref().map(|one| format!(", acts for {one}"));
    format!("{}{}", account.role, link.unwrap_or_default())
}

/// The record of what was carried out.
fn recorded(answer: Answer) -> Result<u64, String> {
    match answer {
        Answer::Recorded { seq, refusal: None, .. } => Ok(seq),
        Answer::Recorded { seq, refusal: Some(why), .. } => {
            Err(format!("{why} (the attempt is recorded as seq {seq})"))
        }
        Answer::Error(why) => Err(why),
        Answer::Status(_) | Answer::People(_) | Answer::Changed { .. } => {
            Err("cellwatch answered something else".to_owned())
        }
    }
}
