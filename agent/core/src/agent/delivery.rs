//! What delivery itself has to say becomes records.

use cellwatch_model::Now;
use cellwatch_record::EventKind;

use super::Agent;
use crate::journal::{Context, Said};
use crate::publish::Notice;

impl Agent {
    /// Records what the outbox met: records that cannot go, refusals, a receipt that went back.
    pub(super) fn say_notices(&mut self, now: Now) {
        while let Some(notice) = self.outbox.take_notice() {
            let kind = match &notice {
                Notice::ReceiptWentBack { .. } => EventKind::Security,
                Notice::TooLarge { .. }
                | Notice::DocumentTooLarge { .. }
                | Notice::Refused { .. }
                | Notice::Unreadable { .. } => EventKind::Broker,
            };
            let said = Said::new(kind, now.mono.floor_ms(), notice.text());
            let said = match notice {
                Notice::TooLarge { seq, bytes, packet_bytes_max } => said
                    .with("what", "too-large")
                    .with("seq", seq)
                    .with("bytes", bytes)
                    .with("packet_bytes_max", packet_bytes_max),
                Notice::DocumentTooLarge { topic, bytes, packet_bytes_max } => said
                    .with("what", "too-large")
                    .with("topic", topic)
                    .with("bytes", bytes)
                    .with("packet_bytes_max", packet_bytes_max),
                Notice::Refused { seq, topic, reason } => {
                    let said = said
                        .with("what", "refused")
                        .with("topic", topic)
                        .with("reason", u64::from(reason));
                    match seq {
                        Some(seq) => said.with("seq", seq),
                        None => said,
                    }
                }
                Notice::Unreadable { seq } => said.with("what", "unreadable").with("seq", seq),
                Notice::ReceiptWentBack { through, before } => {
                    said.with("what", "receipt").with("through", through).with("before", before)
                }
            };
            self.recorder.record(said.into(), Context::default(), now);
        }
    }
}
