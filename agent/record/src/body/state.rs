//! The core's state, from which a start folds the later records: written at each start, hourly, and
//! where history is pruned.

use std::collections::BTreeMap;

use cellwatch_model::Mono;

use super::details::{read_details, write_details};
use super::life::{read_master_files, read_site, write_master_files, write_site};
use super::{Datum, Deviation, EnteredResult, SavedMasterFile, SavedSeals, SavedSite};
use crate::cbor::{DecodeError, MapWriter, Reader, Writer};

/// The core's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Alarms that are not in their first state.
    pub alarms: Vec<SavedAlarm>,
    /// Batches that are open.
    pub batches: Vec<SavedBatch>,
    /// Deviation candidates that are open, each with its unit.
    pub deviations: Vec<(String, Deviation)>,
    /// Results that can still be confirmed or corrected, each with its unit.
    pub results: Vec<(String, EnteredResult)>,
    /// What the alarm metrics have counted, by name.
    pub counted: BTreeMap<String, Datum>,
    /// Master Files that were accepted and are not superseded, by ascending version.
    pub master_files: Vec<SavedMasterFile>,
    /// What the Control Site has said of the site.
    pub site: SavedSite,
    /// Who was called how: the horn, messages to people who are not in the room.
    pub calling: BTreeMap<String, Datum>,
    /// Batches that are to be sealed, and seals that the Control Site has not confirmed yet.
    pub seals: SavedSeals,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAlarm {
    /// The unit; none for the agent's own.
    pub unit: Option<String>,
    /// The alarm's id.
    pub alarm: String,
    /// Its regions as in [`crate::AlarmChange::regions`].
    pub regions: u8,
    /// Which excursion it is.
    pub occurrence: u32,
    /// When it was raised.
    pub raised: Mono,
    /// When its shelving ends.
    pub until: Option<Mono>,
    /// When a person last saw it.
    pub acknowledged: Option<Mono>,
}

/// An open batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBatch {
    /// The unit.
    pub unit: String,
    /// The batch.
    pub batch: String,
    /// Its phase.
    pub phase: String,
    /// When the phase began.
    pub since: Mono,
}

impl State {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        let mut writer = map.key(1);
        writer.array(self.alarms.len() as u64);
        for alarm in &self.alarms {
            writer.array(7);
            optional(&mut writer, alarm.unit.as_deref(), |writer, unit| writer.str(unit));
            writer.str(&alarm.alarm);
            writer.u64(u64::from(alarm.regions));
            writer.u64(u64::from(alarm.occurrence));
            writer.u64(alarm.raised.0);
            optional(&mut writer, alarm.until, |writer, until| writer.u64(until.0));
            optional(&mut writer, alarm.acknowledged, |writer, at| writer.u64(at.0));
        }
        let mut writer = map.key(2);
        writer.array(self.batches.len() as u64);
        for batch in &self.batches {
            writer.array(4);
            writer.str(&batch.unit);
            writer.str(&batch.batch);
            writer.str(&batch.phase);
            writer.u64(batch.since.0);
        }
        let mut writer = map.key(3);
        writer.array(self.deviations.len() as u64);
        for (unit, deviation) in &self.deviations {
            writer.array(2);
            writer.str(unit);
            deviation.write(writer.0);
        }
        let mut writer = map.key(4);
        writer.array(self.results.len() as u64);
        for (unit, result) in &self.results {
            writer.array(2);
            writer.str(unit);
            result.write(writer.0);
        }
        write_details(&self.counted, map.key(5));
        write_master_files(&self.master_files, &mut map.key(6));
        write_site(&self.site, &mut map.key(7));
        if !self.calling.is_empty() {
            write_details(&self.calling, map.key(8));
        }
        self.seals.write(&mut map.key(9));
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("state")?;
        let list = map.required(1)?;
        let alarms = (0..list.array()?).map(|_| read_alarm(list)).collect::<Result<_, _>>()?;
        let list = map.required(2)?;
        let batches = (0..list.array()?).map(|_| read_batch(list)).collect::<Result<_, _>>()?;
        let list = map.required(3)?;
        let deviations = of_units(list, Deviation::read)?;
        let list = map.required(4)?;
        let results = of_units(list, EnteredResult::read)?;
        let counted = read_details(map.required(5)?)?;
        let master_files = read_master_files(map.required(6)?)?;
        let site = read_site(map.required(7)?)?;
        let calling = match map.optional(8)? {
            Some(reader) => read_details(reader)?,
            None => BTreeMap::new(),
        };
        let seals = SavedSeals::read(map.required(9)?)?;
        map.end()?;
        Ok(Self {
            alarms,
            batches,
            deviations,
            results,
            counted,
            master_files,
            site,
            calling,
            seals,
        })
    }
}

fn optional<T>(writer: &mut Writer<'_>, value: Option<T>, write: impl Fn(&mut Writer<'_>, T)) {
    match value {
        Some(value) => write(writer, value),
        None => writer.null(),
    }
}

fn read_alarm(reader: &mut Reader<'_>) -> Result<SavedAlarm, DecodeError> {
    reader.array_of(7, "a saved alarm has seven items")?;
    Ok(SavedAlarm {
        unit: if reader.null()? { None } else { Some(reader.string()?) },
        alarm: reader.string()?,
        regions: reader.code("alarm regions", |bits| (bits < 96).then_some(bits))?,
        occurrence: reader.u32()?,
        raised: Mono(reader.u64()?),
        until: read_time(reader)?,
        acknowledged: read_time(reader)?,
    })
}

fn of_units<T>(
    list: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<(String, T)>, DecodeError> {
    let one = |list: &mut Reader<'_>| {
        list.array_of(2, "what is saved of a unit has two items")?;
        Ok((list.string()?, read(list)?))
    };
    (0..list.array()?).map(|_| one(list)).collect()
}

fn read_time(reader: &mut Reader<'_>) -> Result<Option<Mono>, DecodeError> {
    Ok(if reader.null()? { None } else { Some(Mono(reader.u64()?)) })
}

fn read_batch(reader: &mut Reader<'_>) -> Result<SavedBatch, DecodeError> {
    reader.array_of(4, "a saved batch has four items")?;
    Ok(SavedBatch {
        unit: reader.string()?,
        batch: reader.string()?,
        phase: reader.string()?,
        since: Mono(reader.u64()?),
    })
}
