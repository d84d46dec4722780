//! An alarm changed. Holds monotonic times only, so that a replay gives the same bytes (LAW-08).

use cellwatch_model::{AlarmTransition, IsaState, LimitKind, Mono, Priority, Quality};

use super::Person;
use crate::cbor::{DecodeError, MapWriter, Reader};

/// One step in the life of an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmChange {
    /// Id in the Master File, such as `TEMP.HH`; for an instrument alarm the parameter and `.BAD`.
    pub alarm: String,
    /// The parameter, device or part of the agent that it watches.
    pub source: String,
    /// What it watches for.
    pub kind: LimitKind,
    /// What happened.
    pub transition: AlarmTransition,
    /// The state after it.
    pub state: IsaState,
    /// Priority.
    pub priority: Priority,
    /// Which excursion of this alarm it is, from 1 since the agent's start.
    pub occurrence: u32,
    /// When it happened: the answer's time, or the time at which a delay was due.
    pub at: Mono,
    /// The value that decided, in the parameter's unit.
    pub value: Option<f64>,
    /// The limit, in the parameter's unit.
    pub limit: Option<f64>,
    /// Quality of the reading that decided.
    pub quality: Quality,
    /// Who acted, for what a person did.
    pub person: Option<Person>,
    /// What that person said, or what the agent says of its own health or its rules.
    pub comment: Option<String>,
    /// The regions after it, as bits: active 1, acknowledged 2, latched 4, suppressed 8, out of service 16,
    /// one-shot shelved 32, timed shelved 64.
    pub regions: u8,
    /// When the shelving ends.
    pub until: Option<Mono>,
}

impl AlarmChange {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).str(&self.alarm);
        map.key(2).str(&self.source);
        map.key(3).u64(u64::from(self.kind.code()));
        map.key(4).u64(u64::from(self.transition.code()));
        map.key(5).u64(u64::from(self.state.code()));
        map.key(6).u64(u64::from(self.priority.code()));
        map.key(7).u64(u64::from(self.occurrence));
        map.key(8).u64(self.at.0);
        map.opt_float(9, self.value);
        map.opt_float(10, self.limit);
        map.key(11).u64(u64::from(self.quality.code()));
        if let Some(person) = &self.person {
            person.write(map.key(12).0);
        }
        map.opt_str(13, self.comment.as_deref());
        map.key(14).u64(u64::from(self.regions));
        if let Some(until) = self.until {
            map.key(15).u64(until.0);
        }
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("alarm-change")?;
        let change = Self {
            alarm: map.required(1)?.string()?,
            source: map.required(2)?.string()?,
            kind: map.required(3)?.code("alarm kind", LimitKind::from_code)?,
            transition: map.required(4)?.code("alarm transition", AlarmTransition::from_code)?,
            state: map.required(5)?.code("alarm state", IsaState::from_code)?,
            priority: map.required(6)?.code("priority", Priority::from_code)?,
            occurrence: map.required(7)?.u32()?,
            at: Mono(map.required(8)?.u64()?),
            value: map.opt_float(9)?,
            limit: map.opt_float(10)?,
            quality: map.required(11)?.code("quality", |code| Quality::from_code(code).ok())?,
            person: map.optional(12)?.map(Person::read).transpose()?,
            comment: map.opt_string(13)?,
            regions: map.required(14)?.code("alarm regions", |bits| (bits < 96).then_some(bits))?,
            until: map.optional(15)?.map(|reader| reader.u64().map(Mono)).transpose()?,
        };
        map.end()?;
        Ok(change)
    }
}
