//! What is handed to the writer's thread, in its order.

use std::fmt;
use std::sync::Arc;

use cellwatch_core::door::Append;
use cellwatch_record::{Kind, RECORD_CONTENT_TYPE};
use cellwatch_seal::{KeyId, Sealer};

use super::segment::Row;

/// Whatever seals records.
pub type SharedSealer = Arc<dyn Sealer + Send + Sync>;

/// Something for the writer to do.
pub(super) enum Work {
    /// Write these records.
    Append(Handed),
    /// Seal with this key from now on, and what waits for a seal.
    Seal {
        key: SharedSealer,
        /// Records after it are still to be delivered.
        after: u64,
        /// Keys that the roster names.
        usable: Vec<KeyId>,
    },
    /// Seal nothing from now on.
    Unseal,
}

/// An append, and the key that seals what follows the record of this number in it and later.
pub(super) struct Handed {
    pub(super) append: Append,
    pub(super) next_key: Option<(u64, SharedSealer)>,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(handed) => write!(f, "append of seq {}", handed.append.first_seq),
            Self::Seal { key, .. } => write!(f, "seal with {}", key.public().id()),
            Self::Unseal => f.write_str("seal nothing"),
        }
    }
}

impl Handed {
    pub(super) fn payload_bytes(&self) -> u64 {
        self.append.records.iter().map(|(_, _, payload)| payload.len() as u64).sum()
    }

    /// Makes rows of it, sealed with `key`, which changes where it says so; bare payloads where there is none.
    pub(super) fn seal(self, key: &mut Option<SharedSealer>, rows: &mut Vec<Row>) {
        let Self { append, mut next_key } = self;
        for (seq, (kind, unit, payload)) in (append.first_seq..).zip(append.records) {
            let stored = match key {
                Some(key) => cellwatch_seal::seal(&**key, RECORD_CONTENT_TYPE, &payload),
                None => payload,
            };
            rows.push(Row { seq, kind: Kind::code(kind), unit, sealed: stored.into() });
            if let Some((_, next)) = next_key.take_if(|(last, _)| *last == seq) {
                *key = Some(next);
            }
        }
    }
}
