//! How the agent is: signed oversight, every 30 s (architecture.md §5).

use std::collections::BTreeMap;

use super::Datum;
use super::details::{read_details, write_details};
use crate::cbor::{DecodeError, MapWriter, Reader};

/// How the agent is.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// Figures by name; counters count since the agent's start. Names end in their unit.
    pub figures: BTreeMap<String, Datum>,
}

impl Health {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        write_details(&self.figures, map.key(1));
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("health")?;
        let figures = read_details(map.required(1)?)?;
        map.end()?;
        Ok(Self { figures })
    }
}
