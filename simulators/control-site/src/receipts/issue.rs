//! Makes and seals a receipt of what is committed.

use cellwatch_model::Utc;
use cellwatch_record::{RECEIPT_CONTENT_TYPE, RECEIPT_MISSING_MAX, Receipt};
use cellwatch_seal::Sealer;

use crate::intake::{JournalKey, Progress};

/// A receipt, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What it says.
    pub receipt: Receipt,
    /// The bytes to send.
    pub sealed: Vec<u8>,
}

/// The receipt of a journal. `progress` must not be ahead of what is committed.
#[must_use]
pub fn issue(
    (agent, journal): &JournalKey,
    progress: &Progress,
    sealer: &dyn Sealer,
    now: Utc,
) -> Issued {
    let receipt = Receipt {
        agent: agent.clone(),
        journal: *journal,
        through: progress.through(),
        hash: progress.hash(),
        missing: progress.missing(RECEIPT_MISSING_MAX),
        highest: progress.highest(),
        issued: now,
    };
    let sealed = cellwatch_seal::seal(sealer, RECEIPT_CONTENT_TYPE, &receipt.encode());
    Issued { receipt, sealed }
}
