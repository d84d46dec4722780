//! The end of a batch is sealed, and what the Control Site says of it is recorded.

use cellwatch_model::Now;
use cellwatch_record::{Batch, Completeness, CompletenessReceipt, Datum, EventKind, Missing};

use super::Agent;
use crate::journal::{Confirmed, Context, Said};

impl Agent {
    /// Seals a batch whose end is recorded, with everything that was said at its end.
    pub(super) fn seal_batch(&mut self, unit: usize, ended: &Batch, now: Now) {
        let unit = self.units[unit].id.clone();
        let context =
            Context { unit: Some(&unit), batch: Some(&ended.batch), phase: ended.from.as_deref() };
        if self.recorder.seal(context, &ended.batch, now) {
            return;
        }
        let reason = "not all of its records are known since the last start";
        let text = format!("batch {} ended and cannot be sealed: {reason}", ended.batch);
        let said = Said::new(EventKind::BatchUnsealed, now.mono.floor_ms(), text)
            .with("batch", ended.batch.clone())
            .with("reason", reason);
        self.recorder.record(said.into(), context, now);
    }

    /// Seals what ended right before the start.
    pub(super) fn seal_what_ended(&mut self, now: Now) {
        for (unit, ended) in self.recorder.ended_unsealed() {
            if let Some(unit) = self.units.iter().position(|one| one.id == unit) {
                self.seal_batch(unit, &ended, now);
            }
        }
    }

    /// The Control Site says whether it has everything of a batch; what it misses goes out again.
    pub(super) fn completeness(&mut self, receipt: &CompletenessReceipt, sealed: &[u8], now: Now) {
        let at = now.mono.floor_ms();
        let evidence = Datum::Bytes(sealed.to_vec());
        let (said, awaited) = match self.recorder.confirm(receipt) {
            Confirmed::Same => return,
            Confirmed::NotOurs(reason) => {
                let text = format!("a completeness receipt was refused: {reason}");
                let said = Said::new(EventKind::Security, at, text)
                    .with("what", "completeness")
                    .with("seal_seq", receipt.seal_seq);
                self.recorder.record(said.into(), Context::default(), now);
                return;
            }
            Confirmed::Complete(awaited) => {
                let text = format!("the Control Site has every record of batch {}", awaited.batch);
                let root = Datum::Bytes(receipt.root.0.to_vec());
                (Said::new(EventKind::BatchComplete, at, text).with("root", root), awaited)
            }
            Confirmed::Not { awaited, is_news } => {
                for Missing { first, last } in &receipt.missing {
                    self.outbox.wanted(*first, *last, now.mono);
                }
                if !is_news {
                    return;
                }
                let missing = receipt.missing.iter();
                let missing = missing
                    .map(|range| Datum::List(vec![range.first.into(), range.last.into()]))
                    .collect();
                let text = said_of(receipt, &awaited.batch);
                let said = Said::new(EventKind::BatchIncomplete, at, text)
                    .with("found", receipt.found.word())
                    .with("missing", Datum::List(missing));
                (said, awaited)
            }
        };
        let said = said.with("seal_seq", receipt.seal_seq).with("receipt", evidence);
        let context = Context {
            unit: Some(&awaited.unit),
            batch: Some(&awaited.batch),
            ..Context::default()
        };
        self.recorder.record(said.into(), context, now);
    }

    /// The first record that a batch keeps in the journal: the batch runs, or the Control Site has not confirmed that
    /// it has all of it. None where batches keep nothing.
    #[must_use]
    pub fn batches_keep_from(&self) -> Option<u64> {
        self.recorder.keeps_from()
    }
}

fn said_of(receipt: &CompletenessReceipt, batch: &str) -> String {
    match receipt.found {
        Completeness::Contradicts => format!(
            "the Control Site has other records of batch {batch} than its seal says: the root there is {}; verify the journal and inspect the Control Site's store",
            receipt.root
        ),
        Completeness::Complete | Completeness::Incomplete => format!(
            "the Control Site misses {} ranges of records of batch {batch}: they are sent again",
            receipt.missing.len()
        ),
    }
}
