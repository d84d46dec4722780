//! What the first record of a journal says of the journal before it.

use std::str::FromStr;

use cellwatch_record::{Body, Datum, Event, EventKind, Hash, JournalId, Record};

/// The journal before, as the new one's first record names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The journal before.
    pub previous: JournalId,
    /// The last record that the agent knows of it.
    pub last_seq: Option<u64>,
    /// Hash of that record's payload.
    pub last_hash: Option<Hash>,
}

impl Succession {
    /// What `record` says, if it begins a journal and knows one before.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let Body::Event(event) = &record.body else { return None };
        if event.kind != EventKind::JournalBegun {
            return None;
        }
        let detail = |name: &str| event.details.get(name);
        let previous = detail("previous").and_then(id::<16, JournalId>)?;
        let previous_seq = detail("previous_seq").and_then(|datum| match datum {
            Datum::Integer(seq) => u64::try_from(*seq).ok(),
            Datum::Text(_)
            | Datum::Number(_)
            | Datum::Bool(_)
            | Datum::Bytes(_)
            | Datum::List(_) => None,
        });
        let last_hash = detail("previous_hash").and_then(id::<32, Hash>);
        Some(Self { previous, last_seq: previous_seq, last_hash })
    }
}

/// The seal of a batch whose completeness the agent has recorded, if that is what the event says.
#[must_use]
pub fn confirmed_seal(event: &Event) -> Option<u64> {
    match (event.kind, event.details.get("seal_seq")) {
        (EventKind::BatchComplete, Some(Datum::Integer(seq))) => u64::try_from(*seq).ok(),
        _ => None,
    }
}

/// An id as bytes or as hexadecimal text.
fn id<const N: usize, T: FromStr + FromArray<N>>(datum: &Datum) -> Option<T> {
    match datum {
        Datum::Bytes(bytes) => bytes.as_slice().try_into().ok().map(T::from_array),
        Datum::Text(text) => text.parse().ok(),
        Datum::Integer(_) | Datum::Number(_) | Datum::Bool(_) | Datum::List(_) => None,
    }
}

trait FromArray<const N: usize> {
    fn from_array(bytes: [u8; N]) -> Self;
}

impl FromArray<16> for JournalId {
    fn from_array(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl FromArray<32> for Hash {
    fn from_array(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
