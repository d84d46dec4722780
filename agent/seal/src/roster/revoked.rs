//! Keys that count no more.

use cellwatch_model::Utc;

use super::{Revoked, Roster};
use crate::{KeyId, PublicKey};

impl Roster {
    /// The entry that revokes this key. What comes in now is refused whatever date it bears: who has
    /// a stolen key writes any date.
    #[must_use]
    pub fn revocation(&self, id: &KeyId) -> Option<&Revoked> {
        self.revoked.iter().find(|one| one.key.id() == *id)
    }

    /// The entry that revokes this key for what was accepted at `accepted`: none where that was
    /// before the key was revoked.
    #[must_use]
    pub fn revocation_at(&self, id: &KeyId, accepted: Utc) -> Option<&Revoked> {
        self.revocation(id).filter(|one| accepted >= one.since)
    }

    /// The key with this id of this agent for a record that was received at `received`: an agent's
    /// history stays verifiable after its key is revoked.
    #[must_use]
    pub fn agent_key_at(&self, agent: &str, id: &KeyId, received: Utc) -> Option<&PublicKey> {
        let of_agent = self.agents.iter().filter(|one| one.agent == agent);
        let key = of_agent.map(|one| &one.key).find(|key| key.id() == *id);
        key.filter(|_| self.revocation_at(id, received).is_none())
    }

    /// Root keys that may sign rosters.
    pub(super) fn usable_roots(&self) -> Vec<PublicKey> {
        let roots = self.roots.iter().map(|one| one.key);
        roots.filter(|key| self.revocation(&key.id()).is_none()).collect()
    }

    /// A key that this roster revokes and `next` would use again.
    pub(super) fn revived_by(&self, next: &Self) -> Option<(String, KeyId)> {
        next.keys()
            .into_iter()
            .map(|(owner, key)| (owner, key.id()))
            .find(|(_, id)| self.revocation(id).is_some() && next.revocation(id).is_none())
    }
}
