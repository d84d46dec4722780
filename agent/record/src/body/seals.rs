//! What a restart goes on sealing, and which seals wait for the Control Site.

use crate::batch_tree::BatchTree;
use crate::cbor::{DecodeError, Reader, Writer};
use crate::common::Hash;

/// Batches that are to be sealed, and seals that wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedSeals {
    /// Trees of the batches that are open, without the state record that says so.
    pub open: Vec<BatchTree>,
    /// Seals of which the Control Site has not said that everything is there.
    pub awaited: Vec<AwaitedSeal>,
}

/// A seal that waits for the Control Site's completeness receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitedSeal {
    /// The unit.
    pub unit: String,
    /// The batch.
    pub batch: String,
    /// Sequence number of the batch's first record: from there on nothing may be pruned.
    pub first: u64,
    /// Sequence number of the seal.
    pub seq: u64,
    /// Hash of the seal's payload.
    pub hash: Hash,
}

impl SavedSeals {
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.array(2);
        writer.array(self.open.len() as u64);
        for tree in &self.open {
            tree.write(writer);
        }
        writer.array(self.awaited.len() as u64);
        for AwaitedSeal { unit, batch, first, seq, hash } in &self.awaited {
            writer.array(5);
            writer.str(unit);
            writer.str(batch);
            writer.u64(*first);
            writer.u64(*seq);
            writer.bytes(&hash.0);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array_of(2, "saved seals have two items")?;
        let open = (0..reader.array()?).map(|_| BatchTree::read(reader)).collect::<Result<_, _>>();
        let open = open?;
        let awaited = (0..reader.array()?).map(|_| read_awaited(reader)).collect::<Result<_, _>>();
        Ok(Self { open, awaited: awaited? })
    }
}

fn read_awaited(reader: &mut Reader<'_>) -> Result<AwaitedSeal, DecodeError> {
    reader.array_of(5, "an awaited seal has five items")?;
    Ok(AwaitedSeal {
        unit: reader.string()?,
        batch: reader.string()?,
        first: reader.u64()?,
        seq: reader.u64()?,
        hash: Hash(reader.fixed()?),
    })
}
