//! What may come in: every message is opened, verified, decoded strictly and set beside its chain.
//!
//! In:  topic, bytes, time of receipt; which records are held already.
//! Out: records accepted, duplicates, refusals with their evidence. Does no I/O, reads no clock.
//!
//! - `verifier` holds the roster in use.
//! - `verify` knows keys and topics but no history: it may run on a thread of its own.
//! - `progress` follows one journal: contiguous up to where, which islands lie beyond a hole.
//! - `keys` follows which keys seal a journal.
//! - `follow` puts these together.
//! - `oversight` judges whether an agent's signed health still comes.

mod follow;
mod keys;
mod outcome;
mod oversight;
mod progress;
mod refusal;
mod succession;
mod verifier;
mod verify;

pub use follow::{Intake, JOURNALS_PER_AGENT_MAX, JournalKey, Records};
pub use keys::JournalKeys;
pub use outcome::{Accepted, CheckedRecord, CheckedSummary, Outcome, UnsignedMessage};
pub use oversight::{HEALTH_LOST_AFTER_S, Oversight, OversightChange};
pub use progress::{Counts, ISLANDS_MAX, Misfit, Place, Progress};
pub use refusal::{Reason, Refusal};
pub use succession::{Succession, confirmed_seal};
pub use verifier::Verifier;
pub use verify::{Checked, FUTURE_TOLERANCE_S, OwnClock};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod rotations;
#[cfg(test)]
pub(crate) mod tests;
