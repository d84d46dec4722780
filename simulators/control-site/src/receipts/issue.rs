//! Makes and seals a receipt of what is committed.

use cellwatch_model::Utc;
use cellwatch_record::{
    COMPLETENESS_CONTENT_TYPE, Completeness, CompletenessReceipt, Hash, Missing,
    RECEIPT_CONTENT_TYPE, RECEIPT_MISSING_MAX, Receipt,
};
use cellwatch_seal::Sealer;

use super::PendingSeal;
use crate::intake::{JournalKey, Progress};

/// A receipt, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What it says.
    pub receipt: Receipt,
    /// The bytes to send.
    pub sealed: Vec<u8>,
}

/// What there is to say of a journal. `progress` must not be ahead of what is committed.
#[must_use]
pub fn receipt_of((agent, journal): &JournalKey, progress: &Progress, now: Utc) -> Receipt {
    Receipt {
        agent: agent.clone(),
        journal: *journal,
        through: progress.through(),
        hash: progress.hash(),
        missing: progress.missing(RECEIPT_MISSING_MAX),
        highest: progress.highest(),
        issued: now,
    }
}

/// The receipt of a journal, sealed; as [`receipt_of`].
#[must_use]
pub fn issue(key: &JournalKey, progress: &Progress, sealer: &dyn Sealer, now: Utc) -> Issued {
    let receipt = receipt_of(key, progress, now);
    let sealed = cellwatch_seal::seal(sealer, RECEIPT_CONTENT_TYPE, &receipt.encode());
    Issued { receipt, sealed }
}

/// What is said of a batch's seal, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCompleteness {
    /// What it says.
    pub receipt: CompletenessReceipt,
    /// The bytes to send.
    pub sealed: Vec<u8>,
}

/// What was found of a batch whose records are committed.
#[must_use]
pub fn issue_completeness(
    (agent, journal): &JournalKey,
    seal: &PendingSeal,
    (found, missing, root): (Completeness, Vec<Missing>, Hash),
    sealer: &dyn Sealer,
    now: Utc,
) -> IssuedCompleteness {
    let receipt = CompletenessReceipt {
        agent: agent.clone(),
        journal: *journal,
        unit: seal.unit.clone(),
        batch: seal.batch.clone(),
        seal_seq: seal.seq,
        seal_hash: seal.hash,
        found,
        missing,
        root,
        issued: now,
    };
    let sealed = cellwatch_seal::seal(sealer, COMPLETENESS_CONTENT_TYPE, &receipt.encode());
    IssuedCompleteness { receipt, sealed }
}
