//! A Control Site that takes everything at once and gives a receipt now and then.

use cellwatch_core::door::{Content, Message};
use cellwatch_core::publish::Ranges;
use cellwatch_record::{JournalId, Kind, Receipt, bundle, peek_identity, sha256};

/// Between receipts, ms.
pub(super) const RECEIPT_MS: u64 = 30_000;

#[derive(Default)]
pub(super) struct ControlSite {
    received: Ranges,
    /// Of the last receipt.
    through: u64,
}

impl ControlSite {
    pub(super) fn take(&mut self, message: &Message) {
        let Content::Sealed(bytes) = &message.content else { return };
        let mut take = |sealed: &[u8]| {
            let Ok(sealed) = cellwatch_seal::open(sealed) else { return };
            if let Ok((identity, ..)) = peek_identity(sealed.untrusted_payload()) {
                self.received.insert(identity.seq, identity.seq);
            }
        };
        match message.topic.rsplit('/').next() {
            Some("backfill") => {
                bundle::decode(bytes).into_iter().flatten().for_each(&mut take);
            }
            Some(leaf) if Kind::ALL.iter().any(|kind| kind.word() == leaf) => take(bytes),
            _ => {}
        }
    }

    /// A receipt for what has come since the last one.
    pub(super) fn receipt(
        &mut self,
        agent: &str,
        journal: JournalId,
        issued: cellwatch_model::Utc,
        payload: impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Option<Receipt> {
        let (first, last) = self.received.first()?;
        if first != 1 || last == self.through {
            return None;
        }
        self.through = last;
        Some(Receipt {
            agent: agent.to_owned(),
            journal,
            through: last,
            hash: sha256(&payload(last)?),
            missing: Vec::new(),
            highest: last,
            issued,
        })
    }
}
