//! What belongs on record about delivery itself.

use std::collections::{BTreeSet, VecDeque};

use super::limits::NOTICES_MAX;

/// Something about delivery that people must be able to find; said once for each connection and kind, refusals once for
/// each reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A record is larger alone than what the broker takes: it stays in the journal.
    TooLarge {
        /// The record.
        seq: u64,
        /// Its size in a message, bytes.
        bytes: u64,
        /// What the broker takes, bytes of a whole packet.
        packet_bytes_max: u64,
    },
    /// A document is larger than what the broker takes: it is not offered.
    DocumentTooLarge {
        /// Its topic.
        topic: String,
        /// Its size, bytes.
        bytes: u64,
        /// What the broker takes, bytes of a whole packet.
        packet_bytes_max: u64,
    },
    /// The broker refused a publish; it is tried again.
    Refused {
        /// First record that it carried; none for a document.
        seq: Option<u64>,
        /// Its topic where it is known.
        topic: String,
        /// Reason code (MQTT 5, §3.4.2.1).
        reason: u8,
    },
    /// A record could not be read from the journal; it is tried again.
    Unreadable {
        /// The record.
        seq: u64,
    },
    /// The Control Site has less than it said before: it gets what it asks for as far as it is kept.
    ReceiptWentBack {
        /// What it has now.
        through: u64,
        /// What it said that it had.
        before: u64,
    },
}

impl Notice {
    /// What is said once: the kind, and the reason of a refusal.
    const fn kind(&self) -> (u8, u8) {
        match self {
            Self::TooLarge { .. } => (0, 0),
            Self::DocumentTooLarge { .. } => (1, 0),
            Self::Refused { reason, .. } => (2, *reason),
            Self::Unreadable { .. } => (3, 0),
            Self::ReceiptWentBack { .. } => (4, 0),
        }
    }

    /// In words for people.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::TooLarge { seq, bytes, packet_bytes_max } => format!(
                "seq {seq} takes {bytes} bytes, more than the broker lets pass (packets up to {packet_bytes_max}): it stays in the journal; raise the broker's maximum packet size"
            ),
            Self::DocumentTooLarge { topic, bytes, packet_bytes_max } => format!(
                "{topic} takes {bytes} bytes, more than the broker lets pass (packets up to {packet_bytes_max}): it is not offered; raise the broker's maximum packet size"
            ),
            Self::Refused { seq, topic, reason } => {
                let what = seq.map(|seq| format!(" (seq {seq})")).unwrap_or_default();
                format!(
                    "the broker refused {topic}{what} with reason 0x{reason:02x} ({}): it is tried again; see to the broker's access list and limits",
                    reason_in_words(*reason)
                )
            }
            Self::Unreadable { seq } => format!(
                "seq {seq} could not be read from the journal: it is tried again; verify the journal and see to the disk"
            ),
            Self::ReceiptWentBack { through, before } => format!(
                "the Control Site has everything up to seq {through}, but had confirmed seq {before}: was it restored from an older copy?"
            ),
        }
    }
}

/// MQTT 5, §3.4.2.1.
const fn reason_in_words(reason: u8) -> &'static str {
    match reason {
        0x80 => "unspecified error",
        0x83 => "implementation specific error",
        0x87 => "not authorised",
        0x90 => "topic name invalid",
        0x91 => "packet identifier in use",
        0x97 => "quota exceeded",
        0x99 => "payload format invalid",
        _ => "a code that MQTT 5 does not know here",
    }
}

/// Notices that were not yet taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Notices {
    waiting: VecDeque<Notice>,
    said: BTreeSet<(u8, u8)>,
}

impl Notices {
    pub(super) fn say(&mut self, notice: Notice) {
        if self.waiting.len() < NOTICES_MAX && self.said.insert(notice.kind()) {
            self.waiting.push_back(notice);
        }
    }

    pub(super) fn take(&mut self) -> Option<Notice> {
        self.waiting.pop_front()
    }

    /// A new connection: everything may be said again.
    pub(super) fn begin(&mut self) {
        self.said.clear();
    }
}
