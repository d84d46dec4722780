//! Who is logged in. Pure: time and chance come from outside.

use std::collections::BTreeMap;

use cellwatch_core::evaluate::Role;
use cellwatch_model::Mono;

use super::limits::SESSIONS_MAX;

#[cfg(test)]
mod tests;

/// Ends that are remembered, so that pages can be told why; older ones are forgotten.
const ENDS_MAX: usize = 256;

/// 256 random bits, as 64 hexadecimal digits.
pub(super) type Token = String;

/// A person who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The account.
    pub(super) name: String,
    pub(super) role: Role,
    /// To be sent back in a header with everything that changes something.
    pub(super) csrf: Token,
    /// Only the password may be changed.
    pub(super) must_change: bool,
    /// When it began: when what it rests on was about to be proved, or the change of the account that it rests on.
    pub(super) began: Mono,
    /// When the person last did something.
    pub(super) active: Mono,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing was done for too long.
    Idle,
    /// The person logged out.
    LoggedOut,
    /// The account changed, or the session was renewed.
    Changed,
}

impl Ended {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::LoggedOut => "logout",
            Self::Changed => "changed",
        }
    }
}

/// An account changed after what a session rests on was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outdated;

/// All who are logged in.
#[derive(Debug)]
pub(super) struct Sessions {
    idle_ms: u64,
    open: BTreeMap<Token, Session>,
    /// When accounts last changed: what was proved of them before counts no more. The accounts bound it.
    changed: BTreeMap<String, Mono>,
    ends: Vec<(Token, Ended)>,
}

impl Sessions {
    pub(super) const fn new(idle_ms: u64) -> Self {
        Self { idle_ms, open: BTreeMap::new(), changed: BTreeMap::new(), ends: Vec::new() }
    }

    /// Begins a session; gives the one that had to make room.
    ///
    /// # Errors
    /// The account changed after what the session rests on was proved.
    pub(super) fn begin(
        &mut self,
        id: Token,
        session: Session,
    ) -> Result<Option<Session>, Outdated> {
        if self.changed.get(&session.name).is_some_and(|at| session.began < *at) {
            return Err(Outdated);
        }
        let is_full = self.open.len() >= SESSIONS_MAX;
        let idlest = self.open.iter().min_by_key(|(_, one)| one.active).map(|(id, _)| id.clone());
        let gone = idlest.filter(|_| is_full).and_then(|id| self.end(&id, Ended::Idle));
        self.open.insert(id, session);
        Ok(gone)
    }

    /// The session with this id that has not been idle for too long.
    pub(super) fn find(&self, id: &str, now: Mono) -> Option<&Session> {
        self.open.get(id).filter(|one| now.ms_since(one.active) < self.idle_ms)
    }

    /// The person did something.
    pub(super) fn touch(&mut self, id: &str, now: Mono) {
        let idle_ms = self.idle_ms;
        let alive = self.open.get_mut(id).filter(|one| now.ms_since(one.active) < idle_ms);
        if let Some(session) = alive {
            session.active = now;
        }
    }

    /// Ends a session.
    pub(super) fn end(&mut self, id: &str, why: Ended) -> Option<Session> {
        let session = self.open.remove(id)?;
        if self.ends.len() == ENDS_MAX {
            self.ends.remove(0);
        }
        self.ends.push((id.to_owned(), why));
        Some(session)
    }

    /// Ends every session of an account that began before.
    pub(super) fn end_all_of(&mut self, name: &str, before: Mono) -> usize {
        let changed = self.changed.entry(name.to_owned()).or_default();
        *changed = before.max(*changed);
        let its = |(id, one): (&Token, &Session)| {
            (one.name == name && one.began < before).then(|| id.clone())
        };
        let ids: Vec<Token> = self.open.iter().filter_map(its).collect();
        ids.iter().filter(|id| self.end(id, Ended::Changed).is_some()).count()
    }

    /// Ends those who did nothing for too long, and gives them.
    pub(super) fn sweep(&mut self, now: Mono) -> Vec<Session> {
        let idle_ms = self.idle_ms;
        let idle = |(id, one): (&Token, &Session)| {
            (now.ms_since(one.active) >= idle_ms).then(|| id.clone())
        };
        let ids: Vec<Token> = self.open.iter().filter_map(idle).collect();
        ids.iter().filter_map(|id| self.end(id, Ended::Idle)).collect()
    }

    /// Why a session that is not there ended; none if nobody knows it.
    pub(super) fn why_ended(&self, id: &str) -> Option<Ended> {
        self.ends.iter().rev().find(|(one, _)| one == id).map(|(_, why)| *why)
    }
}
