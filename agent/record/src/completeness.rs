//! What the Control Site says of a sealed batch: that it has every record, or what it misses. Sealed by a receipt key.

use cellwatch_model::Utc;

use crate::cbor::{DecodeError, MapWriter, Reader};
use crate::common::{Hash, JournalId};
use crate::receipt::{Missing, read_missing, write_missing};

/// What the Control Site found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Every record of the batch is verified and stored, and their tree has the root that the seal names.
    Complete,
    /// Records between the first and the last of the batch are not there.
    Incomplete,
    /// Every record is there, and what they make is not what the seal says.
    Contradicts,
}

impl Completeness {
    const fn code(self) -> u8 {
        match self {
            Self::Complete => 1,
            Self::Incomplete => 2,
            Self::Contradicts => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Complete),
            2 => Some(Self::Incomplete),
            3 => Some(Self::Contradicts),
            _ => None,
        }
    }

    /// The word in JSON and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Contradicts => "contradicts",
        }
    }
}

/// "This is what I have of that batch."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletenessReceipt {
    /// The agent.
    pub agent: String,
    /// The journal.
    pub journal: JournalId,
    /// The unit.
    pub unit: String,
    /// The batch.
    pub batch: String,
    /// Sequence number of the batch's seal.
    pub seal_seq: u64,
    /// Hash of the seal's payload.
    pub seal_hash: Hash,
    /// What was found.
    pub found: Completeness,
    /// What is missing, ascending, at most [`crate::RECEIPT_MISSING_MAX`]; empty unless incomplete.
    pub missing: Vec<Missing>,
    /// Root of the tree that the Control Site has made of the records; [`Hash::NONE`] while some are missing.
    pub root: Hash,
    /// When the Control Site made it.
    pub issued: Utc,
}

impl CompletenessReceipt {
    /// The payload of its seal (`record.cddl`, `completeness`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(192);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.agent);
        map.key(2).bytes(&self.journal.0);
        map.key(3).str(&self.unit);
        map.key(4).str(&self.batch);
        map.key(5).u64(self.seal_seq);
        map.key(6).bytes(&self.seal_hash.0);
        map.key(7).u64(u64::from(self.found.code()));
        write_missing(&self.missing, map.key(8));
        map.key(9).bytes(&self.root.0);
        map.key(10).i64(self.issued.0);
        map.end();
        out
    }

    /// The completeness receipt that a payload holds.
    ///
    /// # Errors
    /// Not one of this version, or one whose parts contradict each other.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("completeness")?;
        map.version("completeness version")?;
        let agent = map.required(1)?.string()?;
        let journal = JournalId(map.required(2)?.fixed()?);
        let unit = map.required(3)?.string()?;
        let batch = map.required(4)?.string()?;
        let seal_seq = map.required(5)?.u64()?;
        let seal_hash = Hash(map.required(6)?.fixed()?);
        let found = map.required(7)?.code("completeness", Completeness::from_code)?;
        let missing = read_missing(map.required(8)?, 0)?;
        let root = Hash(map.required(9)?.fixed()?);
        let issued = Utc(map.required(10)?.i64()?);
        map.end()?;
        reader.end(payload.len())?;
        if missing.is_empty() == (found == Completeness::Incomplete) {
            return Err(DecodeError::Inconsistent("what is missing is named where it is missing"));
        }
        let receipt =
            Self { agent, journal, unit, batch, seal_seq, seal_hash, found, missing, root, issued };
        if receipt.encode() == payload { Ok(receipt) } else { Err(DecodeError::NotDeterministic) }
    }
}
