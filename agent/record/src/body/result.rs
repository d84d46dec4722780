//! A result that a person entered: a cell count, a viability, an off-line glucose (LAW-11).

use cellwatch_model::{Mono, UnitOfMeasure, Utc};

use super::Person;
use crate::cbor::{DecodeError, MapWriter, Reader};

/// A result as it is after a change. A correction is a record of its own with the same id and the old value.
#[derive(Clone, Debug, PartialEq)]
pub struct EnteredResult {
    /// Its id: unit, parameter and number, such as `BX-1/VCD/3`.
    pub id: String,
    /// The parameter of the Master File.
    pub parameter: String,
    /// The value.
    pub value: f64,
    /// Its unit of measure.
    pub unit: UnitOfMeasure,
    /// True if it is judged from now on; false while it waits for a second person.
    pub counts: bool,
    /// When it was entered, confirmed or corrected.
    pub at: Mono,
    /// When the sample was taken, as the person said.
    pub sampled: Option<Utc>,
    /// Who entered it, or its correction.
    pub entered_by: Person,
    /// The second person who confirmed it.
    pub confirmed_by: Option<Person>,
    /// The value before the correction.
    pub old: Option<f64>,
    /// Why, in the person's words; a correction always has a reason.
    pub reason: String,
}

impl EnteredResult {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).str(&self.id);
        map.key(2).str(&self.parameter);
        // Nothing but a finite number is ever accepted; what is not is written as zero, never as NaN.
        map.key(3).float(if self.value.is_finite() { self.value } else { 0.0 });
        map.key(4).str(self.unit.symbol());
        map.key(5).bool(self.counts);
        map.key(6).u64(self.at.0);
        if let Some(sampled) = self.sampled {
            map.key(7).i64(sampled.0);
        }
        self.entered_by.write(map.key(8).0);
        if let Some(person) = &self.confirmed_by {
            person.write(map.key(9).0);
        }
        map.opt_float(10, self.old);
        map.key(11).str(&self.reason);
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("result")?;
        let id = map.required(1)?.string()?;
        let parameter = map.required(2)?.string()?;
        let value = map.required(3)?.float()?;
        let unit = map.required(4)?.str()?;
        let unit = unit.parse().map_err(|_| {
            DecodeError::Inconsistent("a result's unit of measure is not known to this version")
        })?;
        let counts = map.required(5)?.bool()?;
        let at = Mono(map.required(6)?.u64()?);
        let sampled = map.optional(7)?.map(|reader| reader.i64().map(Utc)).transpose()?;
        let entered_by = Person::read(map.required(8)?)?;
        let confirmed_by = map.optional(9)?.map(Person::read).transpose()?;
        let old = map.opt_float(10)?;
        let reason = map.required(11)?.string()?;
        map.end()?;
        Ok(Self {
            id,
            parameter,
            value,
            unit,
            counts,
            at,
            sampled,
            entered_by,
            confirmed_by,
            old,
            reason,
        })
    }
}
