//! Whether each agent's signed health still comes (architecture.md §5). Time comes in from outside: silence
//! is measured by the monotonic clock alone, wall time is what the record says.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Utc};

/// Seconds without signed health after which oversight of an agent is lost: three of the
/// 30 s at which agents report.
pub const HEALTH_LOST_AFTER_S: u64 = 90;

/// Oversight of an agent was lost or came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OversightChange {
    /// The agent.
    pub agent: String,
    /// True if it was lost.
    pub lost: bool,
    /// When that was found.
    pub at: Utc,
    /// The last signed health, if there ever was one.
    pub last_health: Option<Utc>,
}

/// Watches the agents that have been heard of.
#[derive(Clone, Debug)]
pub struct Oversight {
    listening_since: Mono,
    agents: BTreeMap<String, Watched>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    last_health: Option<Utc>,
    /// When that was, since this start.
    heard: Option<Mono>,
    lost: bool,
}

impl Oversight {
    /// Nobody watched yet; what happened before `listening_since` is nobody's silence.
    #[must_use]
    pub const fn new(listening_since: Mono) -> Self {
        Self { listening_since, agents: BTreeMap::new() }
    }

    /// An agent known from before.
    pub fn resume(&mut self, agent: &str, last_health: Option<Utc>, lost: bool) {
        self.agents.insert(agent.to_owned(), Watched { last_health, heard: None, lost });
    }

    /// An agent whose health is expected from now on.
    pub fn expect(&mut self, agent: &str) {
        if !self.agents.contains_key(agent) {
            self.agents.insert(agent.to_owned(), Watched::default());
        }
    }

    /// Signed health came live.
    pub fn health(&mut self, agent: &str, received: Utc, at: Mono) -> Option<OversightChange> {
        let watched = self.agents.entry(agent.to_owned()).or_default();
        watched.heard = Some(at);
        let before = watched.last_health.replace(received);
        let was_lost = std::mem::take(&mut watched.lost);
        was_lost.then(|| OversightChange {
            agent: agent.to_owned(),
            lost: false,
            at: received,
            last_health: before,
        })
    }

    /// Who has become silent by `now`.
    pub fn tick(&mut self, now: Utc, mono: Mono) -> Vec<OversightChange> {
        let since = self.listening_since;
        let silent = |heard: Option<Mono>| {
            mono.0.saturating_sub(heard.unwrap_or(since).0) > HEALTH_LOST_AFTER_S * 1_000_000_000
        };
        self.agents
            .iter_mut()
            .filter(|(_, watched)| !watched.lost && silent(watched.heard))
            .map(|(agent, watched)| {
                watched.lost = true;
                let last_health = watched.last_health;
                OversightChange { agent: agent.clone(), lost: true, at: now, last_health }
            })
            .collect()
    }
}
