//! What a roster says.

use std::fmt;

use cellwatch_model::Utc;

use crate::{KeyId, PublicKey};

/// Who may sign what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Only a higher version replaces it.
    pub version: u64,
    /// When it was made.
    pub issued: Utc,
    /// Not to be accepted from then on.
    pub expires: Utc,
    /// Keys that may sign rosters.
    pub roots: Vec<RootKey>,
    /// How many of them must sign a roster.
    pub root_threshold: u32,
    /// People who may approve Master Files.
    pub approvers: Vec<Approver>,
    /// Keys that seal receipts.
    pub receipt_keys: Vec<NamedKey>,
    /// Keys that sign commands.
    pub command_keys: Vec<NamedKey>,
    /// Keys that seal agents' records.
    pub agents: Vec<AgentKey>,
    /// How many people must approve a Master File.
    pub thresholds: Thresholds,
    /// Keys that count no more, wherever else they are listed.
    pub revoked: Vec<Revoked>,
}

/// `[[root]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    /// Whose key it is.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// `[[receipt]]` and `[[command]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedKey {
    /// What or who uses it.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// `[[approver]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The person.
    pub name: String,
    /// As what the person approves.
    pub role: Role,
    /// The person's key.
    pub key: PublicKey,
    /// May approve from then on.
    pub valid_from: Utc,
    /// May no longer approve from then on.
    pub valid_until: Utc,
}

/// As what a person approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Quality Assurance.
    Qa,
    /// Qualified Person.
    Qp,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qa => "QA",
            Self::Qp => "QP",
        })
    }
}

/// `[[agent]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentKey {
    /// Id of the agent.
    pub agent: String,
    /// Id of its site.
    pub site: String,
    /// The key.
    pub key: PublicKey,
}

/// `[[revoked]]`: a key that was lost, stolen or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The key.
    pub key: PublicKey,
    /// From then on nothing that it signed may be believed.
    pub since: Utc,
    /// Why, for people.
    pub reason: String,
}

/// `[thresholds]`: how many different people must approve a Master File.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Of Quality Assurance, at least 1.
    pub qa: u32,
    /// Qualified Persons, at least 1.
    pub qp: u32,
}

impl Roster {
    /// The receipt key with this id; none where it is revoked.
    #[must_use]
    pub fn receipt_key(&self, id: &KeyId) -> Option<&PublicKey> {
        named(&self.receipt_keys, id).filter(|_| self.revocation(id).is_none())
    }

    /// The command key with this id; none where it is revoked.
    #[must_use]
    pub fn command_key(&self, id: &KeyId) -> Option<&PublicKey> {
        named(&self.command_keys, id).filter(|_| self.revocation(id).is_none())
    }

    /// The key with this id of this agent; none where it is revoked. An agent may have several,
    /// while it changes from one to the next.
    #[must_use]
    pub fn agent_key(&self, agent: &str, id: &KeyId) -> Option<&PublicKey> {
        let of_agent = self.agents.iter().filter(|one| one.agent == agent);
        let key = of_agent.map(|one| &one.key).find(|key| key.id() == *id);
        key.filter(|_| self.revocation(id).is_none())
    }

    /// Whose key this is and what for, in words: of any entry.
    pub(crate) fn owner(&self, id: &KeyId) -> Option<String> {
        self.keys().into_iter().find(|(_, key)| key.id() == *id).map(|(owner, _)| owner)
    }

    /// Every key with its owner in words.
    pub(crate) fn keys(&self) -> Vec<(String, PublicKey)> {
        let roots = self.roots.iter().map(|one| (format!("root {}", one.name), one.key));
        let approvers =
            self.approvers.iter().map(|one| (format!("{} {}", one.role, one.name), one.key));
        let receipts =
            self.receipt_keys.iter().map(|one| (format!("receipt key {}", one.name), one.key));
        let commands =
            self.command_keys.iter().map(|one| (format!("command key {}", one.name), one.key));
        let agents = self.agents.iter().map(|one| (format!("agent {}", one.agent), one.key));
        roots.chain(approvers).chain(receipts).chain(commands).chain(agents).collect()
    }
}

fn named<'a>(keys: &'a [NamedKey], id: &KeyId) -> Option<&'a PublicKey> {
    keys.iter().map(|one| &one.key).find(|key| key.id() == *id)
}
