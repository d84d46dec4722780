//! A batch started, ended or changed its phase.

use cellwatch_model::Mono;

use crate::cbor::{DecodeError, MapWriter, Reader};

/// What happened to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchChange {
    /// It started.
    Started,
    /// It went on to another phase.
    Phase,
    /// It ended.
    Ended,
}

impl BatchChange {
    const fn code(self) -> u8 {
        match self {
            Self::Started => 1,
            Self::Phase => 2,
            Self::Ended => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Started),
            2 => Some(Self::Phase),
            3 => Some(Self::Ended),
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
}

impl Batch {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).u64(u64::from(self.change.code()));
        map.key(2).str(&self.batch);
        map.opt_str(3, self.from.as_deref());
        map.opt_str(4, self.to.as_deref());
        map.key(5).u64(self.at.0);
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("batch")?;
        let change = map.required(1)?.code("batch change", BatchChange::from_code)?;
        let batch = map.required(2)?.string()?;
        let from = map.opt_string(3)?;
        let to = map.opt_string(4)?;
        let at = Mono(map.required(5)?.u64()?);
        map.end()?;
        Ok(Self { change, batch, from, to, at })
    }
}
