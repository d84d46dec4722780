//! The roster's text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use cellwatch_model::Utc;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use toml::value::Datetime;

use super::{
    AgentKey, Approver, NamedKey, Revoked, Role, RootKey, Roster, RosterError, Thresholds,
};
use crate::PublicKey;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    roster: Head,
    #[serde(default)]
    thresholds: Counts,
    #[serde(default)]
    root: Vec<Named>,
    #[serde(default)]
    approver: Vec<Person>,
    #[serde(default)]
    receipt: Vec<Named>,
    #[serde(default)]
    command: Vec<Named>,
    #[serde(default)]
    agent: Vec<Machine>,
    #[serde(default)]
    revoked: Vec<Withdrawn>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u64,
    issued: Date,
    expires: Date,
    #[serde(default = "one")]
    root_threshold: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    #[serde(default = "one")]
    qa: u32,
    #[serde(default = "one")]
    qp: u32,
}

impl Default for Counts {
    fn default() -> Self {
        Self { qa: one(), qp: one() }
    }
}

const fn one() -> u32 {
    1
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    key: Key,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    role: RoleWord,
    key: Key,
    valid_from: Date,
    valid_until: Date,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Machine {
    id: String,
    site: String,
    key: Key,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    key: Key,
    since: Date,
    reason: String,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
enum RoleWord {
    #[serde(rename = "QA")]
    Qa,
    #[serde(rename = "QP")]
    Qp,
}

struct Key(PublicKey);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A TOML date with time and offset.
struct Date(Utc);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let date = Datetime::deserialize(deserializer)?;
        date.to_string()
            .parse::<Timestamp>()
            .ok()
            .and_then(|timestamp| i64::try_from(timestamp.as_nanosecond()).ok())
            .map(|ns| Self(Utc(ns)))
            .ok_or_else(|| {
                de::Error::custom(format!(
                    "{date} is not a date with time and offset such as 2026-01-31T00:00:00Z"
                ))
            })
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Timestamp::from_nanosecond(self.0.0.into()).unwrap_or_default().to_string();
        Datetime::from_str(&text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl Roster {
    /// Reads a roster's text, whoever may have written it: for tools that make rosters. What comes
    /// from elsewhere comes through [`Roster::open`].
    ///
    /// # Errors
    /// Not TOML of a roster, or what it says cannot be meant: all problems at once.
    pub fn from_toml(text: &str) -> Result<Self, RosterError> {
        let file: File = toml::from_str(text).map_err(|error| RosterError::Text {
            line: error.span().map_or(0, |span| {
                1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
            }),
            problem: error.message().to_owned(),
        })?;
        let roster = Self::from(file);
        let problems = problems(&roster);
        if problems.is_empty() { Ok(roster) } else { Err(RosterError::Meaning { problems }) }
    }

    /// The roster as text, to be signed.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&File::from(self)).expect("a roster's text holds no map without a key")
    }
}

impl From<File> for Roster {
    fn from(file: File) -> Self {
        let named = |one: Named| NamedKey { name: one.name, key: one.key.0 };
        let root = |one: Named| RootKey { name: one.name, key: one.key.0 };
        let agent = |one: Machine| AgentKey { agent: one.id, site: one.site, key: one.key.0 };
        let revoked =
            |one: Withdrawn| Revoked { key: one.key.0, since: one.since.0, reason: one.reason };
        Self {
            version: file.roster.version,
            issued: file.roster.issued.0,
            expires: file.roster.expires.0,
            root_threshold: file.roster.root_threshold,
            roots: file.root.into_iter().map(root).collect(),
            approvers: file.approver.into_iter().map(Approver::from).collect(),
            receipt_keys: file.receipt.into_iter().map(named).collect(),
            command_keys: file.command.into_iter().map(named).collect(),
            agents: file.agent.into_iter().map(agent).collect(),
            thresholds: Thresholds { qa: file.thresholds.qa, qp: file.thresholds.qp },
            revoked: file.revoked.into_iter().map(revoked).collect(),
        }
    }
}

impl From<Person> for Approver {
    fn from(person: Person) -> Self {
        let role = match person.role {
            RoleWord::Qa => Role::Qa,
            RoleWord::Qp => Role::Qp,
        };
        let (valid_from, valid_until) = (person.valid_from.0, person.valid_until.0);
        Self { name: person.name, role, key: person.key.0, valid_from, valid_until }
    }
}

impl From<&Roster> for File {
    fn from(roster: &Roster) -> Self {
        let named = |one: &NamedKey| Named { name: one.name.clone(), key: Key(one.key) };
        let root = |one: &RootKey| Named { name: one.name.clone(), key: Key(one.key) };
        let person = |one: &Approver| Person {
            name: one.name.clone(),
            role: match one.role {
                Role::Qa => RoleWord::Qa,
                Role::Qp => RoleWord::Qp,
            },
            key: Key(one.key),
            valid_from: Date(one.valid_from),
            valid_until: Date(one.valid_until),
        };
        let machine = |one: &AgentKey| Machine {
            id: one.agent.clone(),
            site: one.site.clone(),
            key: Key(one.key),
        };
        let withdrawn = |one: &Revoked| Withdrawn {
            key: Key(one.key),
            since: Date(one.since),
            reason: one.reason.clone(),
        };
        Self {
            roster: Head {
                version: roster.version,
                issued: Date(roster.issued),
                expires: Date(roster.expires),
                root_threshold: roster.root_threshold,
            },
            thresholds: Counts { qa: roster.thresholds.qa, qp: roster.thresholds.qp },
            root: roster.roots.iter().map(root).collect(),
            approver: roster.approvers.iter().map(person).collect(),
            receipt: roster.receipt_keys.iter().map(named).collect(),
            command: roster.command_keys.iter().map(named).collect(),
            agent: roster.agents.iter().map(machine).collect(),
            revoked: roster.revoked.iter().map(withdrawn).collect(),
        }
    }
}

/// What a roster says that cannot be meant.
fn problems(roster: &Roster) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |bad: bool, problem: fmt::Arguments<'_>| {
        if bad {
            problems.push(problem.to_string());
        }
    };
    let roots = roster.usable_roots().len();
    check(roster.version == 0, format_args!("[roster] version begins at 1"));
    check(roster.expires <= roster.issued, format_args!("[roster] expires before it is issued"));
    check(
        roots == 0,
        format_args!("there is no [[root]] that counts: nobody could sign the next roster"),
    );
    check(
        roster.root_threshold == 0 || roster.root_threshold as usize > roots,
        format_args!(
            "[roster] root_threshold is {}, of {roots} [[root]] that count",
            roster.root_threshold
        ),
    );
    check(roster.thresholds.qa == 0, format_args!("[thresholds] qa is at least 1"));
    check(roster.thresholds.qp == 0, format_args!("[thresholds] qp is at least 1"));
    for one in &roster.approvers {
        check(one.name.trim().is_empty(), format_args!("an [[approver]] has no name"));
        check(
            one.valid_until <= one.valid_from,
            format_args!("[[approver]] \"{}\": valid_until before valid_from", one.name),
        );
    }
    for one in &roster.agents {
        check(
            one.agent.is_empty() || one.site.is_empty(),
            format_args!(
                "[[agent]] \"{}\" of site \"{}\": id or site is empty",
                one.agent, one.site
            ),
        );
    }
    let mut revoked = BTreeSet::new();
    for one in &roster.revoked {
        let id = one.key.id();
        check(!revoked.insert(id), format_args!("[[revoked]] key {id} is there twice"));
        check(one.reason.trim().is_empty(), format_args!("[[revoked]] key {id}: no reason"));
    }
    let mut owners = BTreeMap::new();
    for (owner, key) in roster.keys() {
        if let Some(before) = owners.insert(key.id(), owner.clone()) {
            let problem = "a key has one owner and one use";
            check(true, format_args!("key {} is of {before} and of {owner}: {problem}", key.id()));
        }
    }
    problems
}
