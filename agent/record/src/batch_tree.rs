//! What belongs to a batch, folded record by record.
//!
//! To a batch belong, of the journal in which it stands, the records from the one that started it to the last one
//! before its seal that are of its unit or of no unit: what the agent says as a whole in between (Master Files, clocks,
//! losses, people, its health and state) is evidence for every batch that runs. Records of other units are none of its.

use std::collections::BTreeMap;

use crate::body::{BatchSeal, Kind};
use crate::cbor::{DecodeError, Reader, Writer};
use crate::common::Hash;
use crate::merkle::{MerkleTree, PEAKS_MAX};

/// The records of a batch so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchTree {
    unit: String,
    batch: String,
    first: u64,
    last: u64,
    counts: BTreeMap<Kind, u64>,
    tree: MerkleTree,
}

impl BatchTree {
    /// The tree of a batch that begins with the record `first`, which is yet to be taken.
    #[must_use]
    pub fn new(unit: impl Into<String>, batch: impl Into<String>, first: u64) -> Self {
        let (unit, batch) = (unit.into(), batch.into());
        let (counts, tree) = (BTreeMap::new(), MerkleTree::default());
        Self { unit, batch, first, last: first, counts, tree }
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> &str {
        &self.batch
    }

    /// Sequence number of its first record.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// Takes the record `seq` of the journal if it belongs here: the next one, of its unit or of none.
    pub fn take(&mut self, seq: u64, kind: Kind, unit: Option<&str>, payload_hash: Hash) {
        let is_known = self.tree.leaves() > 0 && seq <= self.last;
        if seq < self.first || is_known || unit.is_some_and(|unit| unit != self.unit) {
            return;
        }
        self.last = seq;
        *self.counts.entry(kind).or_default() += 1;
        self.tree.push(payload_hash);
    }

    /// What a seal says of the records so far.
    #[must_use]
    pub fn seal(&self) -> BatchSeal {
        let Self { first, last, counts, tree, .. } = self;
        BatchSeal { first: *first, last: *last, counts: counts.clone(), root: tree.root() }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.array(6);
        writer.str(&self.unit);
        writer.str(&self.batch);
        writer.u64(self.first);
        writer.u64(self.last);
        write_counts(&self.counts, writer);
        writer.array(self.tree.peaks().len() as u64);
        for peak in self.tree.peaks() {
            writer.bytes(&peak.0);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array_of(6, "an open batch has six items")?;
        let (unit, batch) = (reader.string()?, reader.string()?);
        let (first, last) = (reader.u64()?, reader.u64()?);
        let counts = read_counts(reader)?;
        let peaks = reader.array()?;
        if peaks > PEAKS_MAX as u64 {
            return Err(DecodeError::Inconsistent("a tree has at most 64 peaks"));
        }
        let peaks = (0..peaks).map(|_| reader.fixed().map(Hash)).collect::<Result<_, _>>()?;
        let leaves = counts.values().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        let tree = leaves.and_then(|leaves| MerkleTree::resumed(leaves, peaks));
        let tree = tree.ok_or(DecodeError::Inconsistent("a tree has a peak for each bit"))?;
        Ok(Self { unit, batch, first, last, counts, tree })
    }
}

/// Counts by kind, ascending, none of them zero.
pub(crate) fn write_counts(counts: &BTreeMap<Kind, u64>, writer: &mut Writer<'_>) {
    let mut counts: Vec<(u8, u64)> =
        counts.iter().map(|(kind, count)| (kind.code(), *count)).collect();
    counts.sort_unstable();
    writer.array(counts.len() as u64);
    for (kind, count) in counts {
        writer.array(2);
        writer.u64(u64::from(kind));
        writer.u64(count);
    }
}

pub(crate) fn read_counts(reader: &mut Reader<'_>) -> Result<BTreeMap<Kind, u64>, DecodeError> {
    let mut counts = BTreeMap::new();
    let mut before = 0;
    for _ in 0..reader.array()? {
        reader.array_of(2, "a count has a kind and a number")?;
        let kind = reader.code("record kind", Kind::from_code)?;
        let count = reader.u64()?;
        if kind.code() <= before || count == 0 {
            return Err(DecodeError::Inconsistent("counts ascend by kind, and none is zero"));
        }
        before = kind.code();
        counts.insert(kind, count);
    }
    Ok(counts)
}
