//! The signed summary of a unit's standing alarms: retained at the broker, not part of the chain.

use cellwatch_model::{IsaState, Mono, Priority, Utc};

use crate::cbor::{DecodeError, MapWriter, Reader};
use crate::common::JournalId;

/// One alarm that is not in its normal state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAlarm {
    /// Id in the Master File, such as `TEMP.HH`.
    pub alarm: String,
    /// The parameter or device that it watches.
    pub source: String,
    /// Its ISA-18.2 state.
    pub state: IsaState,
    /// Its priority.
    pub priority: Priority,
    /// Monotonic time at which it was raised.
    pub raised: Mono,
}

/// The alarms of a unit that stand, as of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmSummary {
    /// The agent.
    pub agent: String,
    /// Its journal.
    pub journal: JournalId,
    /// The unit; empty for the agent itself.
    pub unit: String,
    /// The last record that it takes into account: a reader who knows a later one knows better.
    pub as_of_seq: u64,
    /// Wall time at which it was made.
    pub utc: Utc,
    /// Monotonic time at which it was made.
    pub mono: Mono,
    /// The alarms, most urgent first.
    pub standing: Vec<StandingAlarm>,
}

impl AlarmSummary {
    /// The payload of its seal (`record.cddl`, `alarm-summary`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.agent);
        map.key(2).bytes(&self.journal.0);
        map.key(3).str(&self.unit);
        map.key(4).u64(self.as_of_seq);
        map.key(5).i64(self.utc.0);
        map.key(6).u64(self.mono.0);
        let mut writer = map.key(7);
        writer.array(self.standing.len() as u64);
        for one in &self.standing {
            writer.array(5);
            writer.str(&one.alarm);
            writer.str(&one.source);
            writer.u64(u64::from(one.state.code()));
            writer.u64(u64::from(one.priority.code()));
            writer.u64(one.raised.0);
        }
        map.end();
        out
    }

    /// The summary that a payload holds.
    ///
    /// # Errors
    /// Not a summary of this version.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("alarm-summary")?;
        map.version("summary version")?;
        let agent = map.required(1)?.string()?;
        let journal = JournalId(map.required(2)?.fixed()?);
        let unit = map.required(3)?.string()?;
        let as_of_seq = map.required(4)?.u64()?;
        let utc = Utc(map.required(5)?.i64()?);
        let mono = Mono(map.required(6)?.u64()?);
        let list = map.required(7)?;
        let standing = (0..list.array()?).map(|_| read_standing(list)).collect::<Result<_, _>>()?;
        map.end()?;
        reader.end(payload.len())?;
        let summary = Self { agent, journal, unit, as_of_seq, utc, mono, standing };
        if summary.encode() == payload { Ok(summary) } else { Err(DecodeError::NotDeterministic) }
    }
}

fn read_standing(reader: &mut Reader<'_>) -> Result<StandingAlarm, DecodeError> {
    reader.array_of(5, "a standing alarm has five items")?;
    Ok(StandingAlarm {
        alarm: reader.string()?,
        source: reader.string()?,
        state: reader.code("alarm state", IsaState::from_code)?,
        priority: reader.code("priority", Priority::from_code)?,
        raised: Mono(reader.u64()?),
    })
}
