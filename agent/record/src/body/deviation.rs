//! A deviation candidate: an excursion with its evidence, for quality assurance to judge. Not an alarm: nobody
//! on site acknowledges it, and it holds what happened before, during and after.

use cellwatch_model::{Mono, coded};

use super::Person;
use crate::cbor::{DecodeError, MapWriter, Reader, Writer};

coded! {
    /// What happened to a deviation candidate.
    DeviationChange {
        /// A rule opened it.
        Opened = 1 "opened",
        /// More is known: another rule, an acknowledgement, the return.
        Updated = 2 "updated",
        /// The excursion is over and the trend after it is complete.
        Closed = 3 "closed",
    }
}

coded! {
    /// Why a deviation candidate was opened.
    DeviationRule {
        /// An action limit was exceeded for longer than the Master File allows.
        ActionLimit = 1 "action-limit",
        /// A parameter gave nothing believable for longer than the Master File allows.
        DataGap = 2 "data-gap",
        /// Nobody acknowledged the alarm within its time to respond.
        LateAcknowledgement = 3 "late-acknowledgement",
    }
}

/// A deviation candidate as it is after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Its id: unit, alarm and occurrence, such as `BX-1/TEMP.HH/2`.
    pub id: String,
    /// What happened.
    pub change: DeviationChange,
    /// The rules that opened it, in the order in which they did, each with its words for people.
    pub rules: Vec<(DeviationRule, String)>,
    /// The alarm whose excursion it is.
    pub alarm: String,
    /// Which excursion of that alarm.
    pub occurrence: u32,
    /// The parameter or device that the alarm watches.
    pub source: String,
    /// When this change was.
    pub at: Mono,
    /// When the alarm was raised.
    pub since: Mono,
    /// When it returned; none while it stands.
    pub until: Option<Mono>,
    /// The limit, in the parameter's unit of measure.
    pub limit: Option<f64>,
    /// The lowest believable value since it was raised.
    pub lowest: Option<f64>,
    /// The highest.
    pub highest: Option<f64>,
    /// Area between value and limit, beyond it only, in the parameter's unit of measure times seconds; each
    /// value counts until the next, gaps count nothing.
    pub area: Option<f64>,
    /// Who acknowledged it, and when.
    pub acknowledgements: Vec<(Mono, Person)>,
    /// Values before it was raised, thinned out.
    pub before: Vec<(Mono, f64)>,
    /// Values after it returned, thinned out.
    pub after: Vec<(Mono, f64)>,
}

impl Deviation {
    /// How long the excursion lasted, or has lasted, milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.until.unwrap_or(self.at).ms_since(self.since)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).str(&self.id);
        map.key(2).u64(u64::from(self.change.code()));
        let mut writer = map.key(3);
        writer.array(self.rules.len() as u64);
        for (rule, words) in &self.rules {
            writer.array(2);
            writer.u64(u64::from(rule.code()));
            writer.str(words);
        }
        map.key(4).str(&self.alarm);
        map.key(5).u64(u64::from(self.occurrence));
        map.key(6).str(&self.source);
        map.key(7).u64(self.at.0);
        map.key(8).u64(self.since.0);
        if let Some(until) = self.until {
            map.key(9).u64(until.0);
        }
        map.opt_float(10, self.limit);
        map.opt_float(11, self.lowest);
        map.opt_float(12, self.highest);
        map.opt_float(13, self.area);
        let mut writer = map.key(14);
        writer.array(self.acknowledgements.len() as u64);
        for (at, person) in &self.acknowledgements {
            writer.array(2);
            writer.u64(at.0);
            person.write(writer.0);
        }
        write_trend(&mut map.key(15), &self.before);
        write_trend(&mut map.key(16), &self.after);
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("deviation")?;
        let id = map.required(1)?.string()?;
        let change = map.required(2)?.code("deviation change", DeviationChange::from_code)?;
        let list = map.required(3)?;
        let rules = (0..list.array()?).map(|_| read_rule(list)).collect::<Result<_, _>>()?;
        let alarm = map.required(4)?.string()?;
        let occurrence = map.required(5)?.u32()?;
        let source = map.required(6)?.string()?;
        let at = Mono(map.required(7)?.u64()?);
        let since = Mono(map.required(8)?.u64()?);
        let until = map.optional(9)?.map(|reader| reader.u64().map(Mono)).transpose()?;
        let limit = map.opt_float(10)?;
        let lowest = map.opt_float(11)?;
        let highest = map.opt_float(12)?;
        let area = map.opt_float(13)?;
        let list = map.required(14)?;
        let acknowledgements =
            (0..list.array()?).map(|_| read_acknowledgement(list)).collect::<Result<_, _>>()?;
        let before = read_trend(map.required(15)?)?;
        let after = read_trend(map.required(16)?)?;
        map.end()?;
        Ok(Self {
            id,
            change,
            rules,
            alarm,
            occurrence,
            source,
            at,
            since,
            until,
            limit,
            lowest,
            highest,
            area,
            acknowledgements,
            before,
            after,
        })
    }
}

fn read_rule(reader: &mut Reader<'_>) -> Result<(DeviationRule, String), DecodeError> {
    reader.array_of(2, "a deviation's rule has two items")?;
    Ok((reader.code("deviation rule", DeviationRule::from_code)?, reader.string()?))
}

fn read_acknowledgement(reader: &mut Reader<'_>) -> Result<(Mono, Person), DecodeError> {
    reader.array_of(2, "an acknowledgement has two items")?;
    Ok((Mono(reader.u64()?), Person::read(reader)?))
}

/// Values that are no finite numbers have no place in a trend.
fn write_trend(writer: &mut Writer<'_>, points: &[(Mono, f64)]) {
    let finite = || points.iter().filter(|(_, value)| value.is_finite());
    writer.array(finite().count() as u64);
    for (at, value) in finite() {
        writer.array(2);
        writer.u64(at.0);
        writer.float(*value);
    }
}

fn read_trend(reader: &mut Reader<'_>) -> Result<Vec<(Mono, f64)>, DecodeError> {
    let point = |reader: &mut Reader<'_>| {
        reader.array_of(2, "a point of a trend has two items")?;
        Ok((Mono(reader.u64()?), reader.float()?))
    };
    (0..reader.array()?).map(|_| point(reader)).collect()
}
