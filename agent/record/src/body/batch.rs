//! A batch started, changed its phase, ended, or was sealed.

use std::collections::BTreeMap;

use cellwatch_model::Mono;

use super::Kind;
use crate::batch_tree::{read_counts, write_counts};
use crate::cbor::{DecodeError, MapWriter, Reader};
use crate::common::Hash;

/// What happened to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchChange {
    /// It started.
    Started,
    /// It went on to another phase.
    Phase,
    /// It ended.
    Ended,
    /// What belongs to it was sealed.
    Sealed,
}

impl BatchChange {
    const fn code(self) -> u8 {
        match self {
            Self::Started => 1,
            Self::Phase => 2,
            Self::Ended => 3,
            Self::Sealed => 4,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Started),
            2 => Some(Self::Phase),
            3 => Some(Self::Ended),
            4 => Some(Self::Sealed),
            _ => None,
        }
    }

    /// The word in JSON and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Phase => "phase",
            Self::Ended => "ended",
            Self::Sealed => "sealed",
        }
    }
}

/// One step in the life of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What happened.
    pub change: BatchChange,
    /// The batch.
    pub batch: String,
    /// The phase before; none at the start.
    pub from: Option<String>,
    /// The phase after; none at the end.
    pub to: Option<String>,
    /// When it was seen.
    pub at: Mono,
    /// What belongs to the batch, where it was sealed; none for any other change.
    pub seal: Option<BatchSeal>,
}

/// What belongs to a batch ([`crate::BatchTree`] says what that is): enough to find any record that was dropped, added,
/// exchanged or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSeal {
    /// Sequence number of the first record: the one that started the batch.
    pub first: u64,
    /// Sequence number of the last one, before the seal.
    pub last: u64,
    /// How many of each kind, those of which there is any.
    pub counts: BTreeMap<Kind, u64>,
    /// Root of the Merkle tree over their payload hashes, in the order of their sequence numbers.
    pub root: Hash,
}

impl BatchSeal {
    /// How many records belong to the batch.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).u64(self.first);
        map.key(2).u64(self.last);
        write_counts(&self.counts, &mut map.key(3));
        map.key(4).bytes(&self.root.0);
        map.end();
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("batch-seal")?;
        let first = map.required(1)?.u64()?;
        let last = map.required(2)?.u64()?;
        let counts = read_counts(map.required(3)?)?;
        let root = Hash(map.required(4)?.fixed()?);
        map.end()?;
        if last < first {
            return Err(DecodeError::Inconsistent("a batch ends after its beginning"));
        }
        Ok(Self { first, last, counts, root })
    }
}

impl Batch {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).u64(u64::from(self.change.code()));
        map.key(2).str(&self.batch);
        map.opt_str(3, self.from.as_deref());
        map.opt_str(4, self.to.as_deref());
        map.key(5).u64(self.at.0);
        if let Some(seal) = &self.seal {
            seal.write(map.key(6).0);
        }
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("batch")?;
        let change = map.required(1)?.code("batch change", BatchChange::from_code)?;
        let batch = map.required(2)?.string()?;
        let from = map.opt_string(3)?;
        let to = map.opt_string(4)?;
        let at = Mono(map.required(5)?.u64()?);
        let seal = map.optional(6)?.map(BatchSeal::read).transpose()?;
        map.end()?;
        if seal.is_some() != (change == BatchChange::Sealed) {
            return Err(DecodeError::Inconsistent("a seal stands where a batch was sealed"));
        }
        Ok(Self { change, batch, from, to, at, seal })
    }
}
