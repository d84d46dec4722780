//! Receipts: what the Control Site has, and what it misses (LAW-03). Sealed by a receipt key.

use cellwatch_model::Utc;

use crate::cbor::{DecodeError, MapWriter, Reader, Writer};
use crate::common::{Hash, JournalId};

/// Most missing ranges in one receipt; the rest is named by the next ones.
pub const RECEIPT_MISSING_MAX: usize = 64;

/// Sequence numbers from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// First missing.
    pub first: u64,
    /// Last missing.
    pub last: u64,
}

/// "Everything of this journal up to `through` is here, its hash is `hash`, and these are missing."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The agent.
    pub agent: String,
    /// The journal.
    pub journal: JournalId,
    /// Every record up to this is verified and stored; 0 for none.
    pub through: u64,
    /// Hash of that record's payload; [`Hash::NONE`] for none.
    pub hash: Hash,
    /// Known to exist after `through` and not here, ascending, at most [`RECEIPT_MISSING_MAX`].
    pub missing: Vec<Missing>,
    /// Highest sequence number that has been stored.
    pub highest: u64,
    /// When the Control Site made it.
    pub issued: Utc,
}

impl Receipt {
    /// The payload of its seal (`record.cddl`, `receipt`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.agent);
        map.key(2).bytes(&self.journal.0);
        map.key(3).u64(self.through);
        map.key(4).bytes(&self.hash.0);
        write_missing(&self.missing, map.key(5));
        map.key(6).u64(self.highest);
        map.key(7).i64(self.issued.0);
        map.end();
        out
    }

    /// The receipt that a payload holds.
    ///
    /// # Errors
    /// Not a receipt of this version, or one whose ranges overlap or descend.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("receipt")?;
        map.version("receipt version")?;
        let agent = map.required(1)?.string()?;
        let journal = JournalId(map.required(2)?.fixed()?);
        let through = map.required(3)?.u64()?;
        let hash = Hash(map.required(4)?.fixed()?);
        let missing = read_missing(map.required(5)?, through)?;
        let highest = map.required(6)?.u64()?;
        let issued = Utc(map.required(7)?.i64()?);
        map.end()?;
        reader.end(payload.len())?;
        let receipt = Self { agent, journal, through, hash, missing, highest, issued };
        if receipt.encode() == payload { Ok(receipt) } else { Err(DecodeError::NotDeterministic) }
    }
}

pub(crate) fn write_missing(missing: &[Missing], mut writer: Writer<'_>) {
    writer.array(missing.len() as u64);
    for one in missing {
        writer.array(2);
        writer.u64(one.first);
        writer.u64(one.last);
    }
}

pub(crate) fn read_missing(
    reader: &mut Reader<'_>,
    through: u64,
) -> Result<Vec<Missing>, DecodeError> {
    let length = reader.array()?;
    if length > RECEIPT_MISSING_MAX as u64 {
        return Err(DecodeError::Inconsistent("a receipt names at most 64 missing ranges"));
    }
    let mut before = through;
    let mut missing = Vec::new();
    for _ in 0..length {
        reader.array_of(2, "a missing range has two ends")?;
        let one = Missing { first: reader.u64()?, last: reader.u64()? };
        if one.first <= before || one.last < one.first {
            return Err(DecodeError::Inconsistent("missing ranges ascend after what is there"));
        }
        before = one.last;
        missing.push(one);
    }
    Ok(missing)
}
