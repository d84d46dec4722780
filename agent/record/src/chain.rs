//! The chain: sequence numbers without holes, each record naming the hash of the one before (LAW-04).

use crate::common::{Common, Hash, Identity, JournalId, Record, sha256};
use crate::{Body, encode};

/// The end of a journal: its last record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The journal.
    pub journal: JournalId,
    /// Sequence number of its last record; 0 while it is empty.
    pub seq: u64,
    /// Hash of its last record's payload; [`Hash::NONE`] while it is empty.
    pub hash: Hash,
}

/// Writes a chain.
#[derive(Clone, Debug)]
pub struct Chain {
    agent: String,
    head: Head,
}

impl Chain {
    /// Goes on after `head`.
    #[must_use]
    pub const fn new(agent: String, head: Head) -> Self {
        Self { agent, head }
    }

    /// The last record.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Id of the agent.
    #[must_use]
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Chains one more record: `common` with its identity and `prev` replaced by the chain's.
    /// Gives its sequence number and payload.
    pub fn append(&mut self, mut common: Common, body: Body) -> (u64, Vec<u8>) {
        let seq = self.head.seq + 1;
        common.identity = Identity { agent: self.agent.clone(), journal: self.head.journal, seq };
        common.prev = self.head.hash;
        let payload = encode(&Record { common, body });
        self.head = Head { seq, hash: sha256(&payload), ..self.head };
        (seq, payload)
    }
}

/// What is wrong with the next record of a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The record belongs to another journal.
    #[error("seq {seq} is of journal {found}, not {expected}")]
    Journal {
        /// Sequence number of the record.
        seq: u64,
        /// The chain's journal.
        expected: JournalId,
        /// The record's.
        found: JournalId,
    },
    /// Records are missing before it.
    #[error("seq {expected} is missing: {found} stands in its place")]
    Hole {
        /// First missing sequence number.
        expected: u64,
        /// The record's.
        found: u64,
    },
    /// It does not name the record before.
    #[error("seq {seq} names {named} as the record before, whose hash is {actual}")]
    Prev {
        /// Sequence number of the record.
        seq: u64,
        /// The hash that it names.
        named: Hash,
        /// The hash of the record before.
        actual: Hash,
    },
}

impl ChainFault {
    /// First sequence number that cannot be trusted.
    #[must_use]
    pub const fn first_bad_seq(&self) -> u64 {
        match self {
            Self::Journal { seq, .. } | Self::Prev { seq, .. } => *seq,
            Self::Hole { expected, .. } => *expected,
        }
    }
}

/// Follows a chain.
#[derive(Clone, Debug)]
pub struct ChainCheck {
    head: Head,
}

impl ChainCheck {
    /// Begins after `head`: an empty one for a whole journal, a checked record's for a part.
    #[must_use]
    pub const fn after(head: Head) -> Self {
        Self { head }
    }

    /// The last record that fitted.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Takes the next record: its identity and `prev` as decoded from `payload`.
    ///
    /// # Errors
    /// The record does not follow; the chain stays where it was.
    pub fn follow(
        &mut self,
        identity: &Identity,
        prev: Hash,
        payload: &[u8],
    ) -> Result<(), ChainFault> {
        let Head { journal, seq, hash } = self.head;
        if identity.journal != journal {
            let (seq, found) = (identity.seq, identity.journal);
            return Err(ChainFault::Journal { seq, expected: journal, found });
        }
        // No journal gets there; a forged head may.
        let next = seq.saturating_add(1);
        if identity.seq != next || next == seq {
            return Err(ChainFault::Hole { expected: next, found: identity.seq });
        }
        if prev != hash {
            return Err(ChainFault::Prev { seq: next, named: prev, actual: hash });
        }
        self.head = Head { journal, seq: next, hash: sha256(payload) };
        Ok(())
    }
}
