//! Verifies by the roster in use, which may change while messages come.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use cellwatch_model::Utc;
use cellwatch_seal::Roster;

use super::verify::ByRoster;
use super::{Checked, OwnClock};

/// Verifies by the roster in use.
#[derive(Debug)]
pub struct Verifier {
    own_clock: OwnClock,
    in_use: RwLock<Arc<ByRoster>>,
}

impl Verifier {
    /// Verifies by `roster`, whose own signature has been verified.
    #[must_use]
    pub fn new(roster: Roster, own_clock: OwnClock) -> Self {
        Self { own_clock, in_use: RwLock::new(Arc::new(ByRoster::new(roster, own_clock))) }
    }

    /// Verifies by `roster` from the next message on.
    pub fn succeed(&self, roster: Roster) {
        let next = Arc::new(ByRoster::new(roster, self.own_clock));
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// The roster in use.
    #[must_use]
    pub fn roster(&self) -> Roster {
        self.in_use().roster().clone()
    }

    /// The site of each rostered agent, by the agent's id.
    #[must_use]
    pub fn sites(&self) -> BTreeMap<String, String> {
        self.in_use().sites().clone()
    }

    /// The site of an agent; none where the roster does not list it.
    #[must_use]
    pub fn site_of(&self, agent: &str) -> Option<String> {
        self.in_use().sites().get(agent).cloned()
    }

    /// Everything that a message holds, each part verified on its own.
    #[must_use]
    pub fn check(&self, topic: &str, payload: &[u8], received: Utc) -> Vec<Checked> {
        self.in_use().check(topic, payload, received)
    }

    /// A message is verified by one roster from its beginning to its end.
    fn in_use(&self) -> Arc<ByRoster> {
        Arc::clone(&self.in_use.read().unwrap_or_else(PoisonError::into_inner))
    }
}
