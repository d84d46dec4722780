//! The trend of a parameter, from the frames of the journal.
//!
//! A long range is sampled: frames are sought evenly spread over it, and what lies between them is not read. The frame before each
//! change of an alarm on the parameter is read as well, so that no excursion with an alarm is lost between two points; of the points of
//! a bucket the extremes stay. What is read is bounded, however many days the range has.

#[cfg(test)]
mod tests;

use std::path::Path;

use cellwatch_model::{Mono, Quality, Value};
use cellwatch_record::{BatchChange, Body, Common, Datum, Event, EventKind, Kind, Record};
use serde_json::{Value as Json, json};

use super::judged::{Judged, Stretch};
use super::thin::{POINTS_MAX, Point, thin};
use crate::journal::{Frames, JournalError, Next, Wanted, first_since, frame_before, look, sample};

/// Frames that one answer reads at most, beside those at alarms: then they are spread over the range.
const FRAMES_MAX: u64 = 3_000;
/// Frames at alarms that are read beside those: at the oldest ones.
const AT_ALARMS_MAX: usize = 400;
/// Alarm changes, gaps and phases that one answer names at most, each: the oldest.
const NAMED_MAX: usize = 1_000;

/// What is wanted.
#[derive(Clone, Debug)]
pub(in crate::page) struct TrendWanted {
    pub(in crate::page) unit: String,
    pub(in crate::page) parameter: String,
    pub(in crate::page) from_ms: i64,
    pub(in crate::page) to_ms: i64,
    /// Length of a frame, milliseconds.
    pub(in crate::page) frame_ms: u64,
}

/// What is gathered.
#[derive(Default)]
struct Gathered {
    /// Index of the parameter in frames, from the record of the configuration on: ascending.
    indexes: Vec<(u64, Option<u64>)>,
    /// Changes of alarms on it: their records.
    changes: Vec<u64>,
    unit_of_measure: String,
    decimals: u64,
    points: Vec<Point>,
    phases: Vec<Json>,
    alarms: Vec<Json>,
    gaps: Vec<Json>,
    /// The phase that runs: id, batch, since.
    phase: Option<(String, String, i64)>,
    /// Since when the disk takes no readings: up to the record that says what was lost.
    refused_since: Option<i64>,
    judged: Judged,
}

/// The trend as JSON; set-point and limits are the affair of whoever knows the Master File.
pub(in crate::page) fn trend(
    journal: &Path,
    wanted: &TrendWanted,
) -> Result<(Json, Vec<Stretch>), JournalError> {
    let first = first_since(journal, wanted.from_ms.saturating_mul(1_000_000))?;
    let last = first_since(journal, wanted.to_ms.saturating_add(1).saturating_mul(1_000_000))?;
    let range = (first, last.saturating_sub(1).max(first));
    let mut gathered = Gathered::default();
    before(journal, wanted, first, &mut gathered)?;
    let judging = |seq| {
        let frame = frame_before(journal, &wanted.unit, 1, seq);
        frame.map(|frame| frame.map(|frame| frame.common.master_file))
    };
    let began = judging(first)?;
    gathered.judged = Judged::since(wanted.from_ms, began);
    if began.is_none()
        && let Some((at_ms, index)) = first_frame(journal, wanted, range)?
    {
        gathered.judged.turn(at_ms, index);
    }
    let newest = judging(u64::MAX)?.unwrap_or(0);

    let sparse = Wanted {
        first: range.0,
        last: range.1,
        kinds: vec![Kind::Alarm, Kind::Event, Kind::Batch, Kind::Result],
        unit: Some(wanted.unit.clone()),
        newest_first: false,
    };
    look(
        journal,
        &sparse,
        |_, _| true,
        |record| {
            gathered.take(record, wanted);
            Next::Go
        },
    )?;
    let (first, last) = range;
    let frames = Frames { unit: wanted.unit.clone(), first, last, most: FRAMES_MAX };
    let mut read = 0u64;
    sample(journal, &frames, |record| {
        read += 1;
        gathered.take(record, wanted);
    })?;
    for seq in std::mem::take(&mut gathered.changes) {
        if let Some(record) = frame_before(journal, &wanted.unit, first, seq)? {
            gathered.take(record, wanted);
        }
    }
    let range_ms = wanted.to_ms.saturating_sub(wanted.from_ms).max(0).unsigned_abs();
    let every = (range_ms / wanted.frame_ms.max(1)).div_ceil(read.max(1)).max(1);
    gathered.end();
    let stretches = gathered.judged.stretches(wanted.to_ms, newest, &gathered.phases);
    Ok((gathered.json(wanted, every), stretches))
}

/// When the first frame of the range begins, and the index of the Master File that judged it.
fn first_frame(
    journal: &Path,
    wanted: &TrendWanted,
    (first, last): (u64, u64),
) -> Result<Option<(i64, u32)>, JournalError> {
    let unit = Some(wanted.unit.clone());
    let frames = Wanted { first, last, kinds: vec![Kind::Telemetry], unit, newest_first: false };
    let mut found = None;
    look(
        journal,
        &frames,
        |_, _| true,
        |record| {
            if let Body::Telemetry(frame) = &record.body {
                found = Some((ms(&record.common, frame.from), record.common.master_file));
            }
            Next::Stop
        },
    )?;
    Ok(found)
}

/// What held when the range began: the parameter's index and the phase.
fn before(
    journal: &Path,
    wanted: &TrendWanted,
    first: u64,
    gathered: &mut Gathered,
) -> Result<(), JournalError> {
    let mut earlier = Wanted {
        first: 1,
        last: first.saturating_sub(1),
        kinds: vec![Kind::Event],
        unit: Some(wanted.unit.clone()),
        newest_first: true,
    };
    if earlier.last == 0 {
        return Ok(());
    }
    look(
        journal,
        &earlier,
        |_, _| true,
        |record| {
            if let Body::Event(event) = &record.body
                && gathered.configured(&record.common, event, wanted)
            {
                return Next::Stop;
            }
            Next::Go
        },
    )?;
    earlier.kinds = vec![Kind::Batch];
    look(
        journal,
        &earlier,
        |_, _| true,
        |record| {
            if let Body::Batch(change) = record.body {
                gathered.phase = change.to.map(|phase| (phase, change.batch, wanted.from_ms));
            }
            Next::Stop
        },
    )
}

fn ms(common: &Common, at: Mono) -> i64 {
    let ago_ns = i128::from(common.mono.0) - i128::from(at.0);
    i64::try_from((i128::from(common.utc.0) - ago_ns).div_euclid(1_000_000)).unwrap_or_default()
}

impl Gathered {
    /// True where the event says what the parameter's index is.
    fn configured(&mut self, common: &Common, event: &Event, wanted: &TrendWanted) -> bool {
        if event.kind != EventKind::Configuration || common.unit.as_ref() != Some(&wanted.unit) {
            return false;
        }
        let Some(Datum::List(parameters)) = event.details.get("parameters") else { return false };
        let mut found = None;
        for parameter in parameters {
            let Datum::List(parts) = parameter else { continue };
            let [
                Datum::Integer(index),
                Datum::Text(name),
                Datum::Text(symbol),
                Datum::Integer(decimals),
                ..,
            ] = &parts[..]
            else {
                continue;
            };
            if *name == wanted.parameter {
                found = u64::try_from(*index).ok();
                self.unit_of_measure.clone_from(symbol);
                self.decimals = u64::try_from(*decimals).unwrap_or(0);
            }
        }
        self.indexes.push((common.identity.seq, found));
        true
    }

    fn index_at(&self, seq: u64) -> Option<u64> {
        let known = self.indexes.partition_point(|(since, _)| *since <= seq);
        known.checked_sub(1).and_then(|at| self.indexes[at].1)
    }

    fn take(&mut self, record: Record, wanted: &TrendWanted) {
        let Record { common, body } = record;
        match body {
            Body::Telemetry(frame) => {
                let index = self.index_at(common.identity.seq);
                for column in &frame.columns {
                    if Some(u64::from(column.parameter)) != index {
                        continue;
                    }
                    for (number, sample) in column.samples.iter().enumerate() {
                        let Some(at) = frame.time_of(column, number) else { continue };
                        let at_ms = ms(&common, at);
                        if (wanted.from_ms..=wanted.to_ms).contains(&at_ms) {
                            let value = sample.value.as_ref().and_then(Value::as_f64);
                            self.points.push(point(at_ms, value, sample.quality));
                        }
                    }
                }
            }
            Body::Alarm(change) if common.unit.is_some() && change.source == wanted.parameter => {
                if self.changes.len() < AT_ALARMS_MAX {
                    self.changes.push(common.identity.seq);
                }
                if self.alarms.len() < NAMED_MAX {
                    self.alarms.push(json!({
                        "id": change.alarm,
                        "transition": change.transition.word(),
                        "at_ms": ms(&common, change.at),
                        "priority": change.priority.code(),
                    }));
                }
            }
            Body::Batch(change) if change.to.is_some() || change.change == BatchChange::Ended => {
                let at_ms = ms(&common, change.at);
                self.end_phase(at_ms);
                if change.change != BatchChange::Ended {
                    self.phase = change.to.map(|phase| (phase, change.batch, at_ms));
                }
            }
            Body::Result(result) if result.parameter == wanted.parameter && result.counts => {
                result.unit.symbol().clone_into(&mut self.unit_of_measure);
                let at_ms = result.sampled.map_or(ms(&common, result.at), |at| at.0 / 1_000_000);
                self.points.push(point(at_ms, Some(result.value), Quality::Good));
            }
            Body::Event(event) => {
                if !self.configured(&common, &event, wanted) {
                    self.event(&common, &event, wanted);
                }
            }
            Body::Alarm(_)
            | Body::Batch(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::State(_)
            | Body::Health(_) => {}
        }
    }

    fn event(&mut self, common: &Common, event: &Event, wanted: &TrendWanted) {
        let number = |name: &str| match event.details.get(name) {
            Some(Datum::Integer(at)) => u64::try_from(*at).ok(),
            Some(_) | None => None,
        };
        let at = |name: &str| number(name).map(|at| ms(common, Mono(at)));
        #[allow(clippy::wildcard_enum_match_arm, reason = "whatever else there is breaks no line")]
        match event.kind {
            // Nobody read while the agent was not there.
            EventKind::Start => self.breaks_off(common.utc.0.div_euclid(1_000_000)),
            EventKind::Gap if common.unit.is_some() => {
                let to_ms = at("to_mono_ns");
                let is_away = event.details.get("cause") == Some(&Datum::from("agent-away"));
                // The clock of an agent that is gone may be of another boot of the machine: its wall time is not.
                let from_ms = if is_away {
                    number("from_utc_ns").and_then(|at| i64::try_from(at / 1_000_000).ok())
                } else if concerns(event, &wanted.parameter) {
                    at("from_mono_ns")
                } else {
                    None
                };
                self.gap(from_ms, to_ms, &event.text, wanted);
            }
            EventKind::Loss => {
                let (from_ms, to_ms) = (at("from_mono_ns"), at("to_mono_ns"));
                if event.details.get("open") == Some(&Datum::Bool(true)) {
                    self.refused_since = from_ms;
                } else {
                    self.refused_since = None;
                    if number("count").is_some_and(|readings| readings > 0) {
                        self.gap(from_ms, to_ms, &event.text, wanted);
                    }
                }
            }
            EventKind::MasterFileInForce => {
                let its = match event.details.get("units") {
                    Some(Datum::List(units)) => units.contains(&Datum::from(wanted.unit.as_str())),
                    Some(_) | None => false,
                };
                if let Some(index) = number("index").filter(|_| its) {
                    self.judged.turn(ms(common, event.at), u32::try_from(index).unwrap_or(0));
                }
            }
            _ => {}
        }
    }

    /// Nothing is drawn from here to the next reading.
    fn breaks_off(&mut self, at_ms: i64) {
        self.points.push(point(at_ms, None, Quality::Good));
    }

    fn gap(&mut self, from_ms: Option<i64>, to_ms: Option<i64>, text: &str, wanted: &TrendWanted) {
        let (Some(from_ms), Some(to_ms)) = (from_ms, to_ms) else { return };
        // It may have begun before what is wanted.
        let from_ms = from_ms.max(wanted.from_ms);
        self.breaks_off(from_ms);
        if self.gaps.len() < NAMED_MAX {
            self.gaps.push(json!({ "from_ms": from_ms, "to_ms": to_ms, "cause": text }));
        }
    }

    /// What is open at the end of the range.
    fn end(&mut self) {
        if let Some(since) = self.refused_since.take() {
            self.breaks_off(since);
        }
        if let Some((id, batch, from_ms)) = self.phase.take() {
            self.phases
                .push(json!({ "id": id, "batch": batch, "from_ms": from_ms, "to_ms": null }));
        }
    }

    fn end_phase(&mut self, at_ms: i64) {
        if let Some((id, batch, from_ms)) = self.phase.take()
            && self.phases.len() < NAMED_MAX
        {
            self.phases
                .push(json!({ "id": id, "batch": batch, "from_ms": from_ms, "to_ms": at_ms }));
        }
    }

    fn json(mut self, wanted: &TrendWanted, every: u64) -> Json {
        self.points.sort_by_key(|point| point.0);
        // A frame at an alarm may have been sampled as well.
        self.points.dedup();
        let before = self.points.len();
        let points = thin(self.points, POINTS_MAX);
        let thinned = (before as u64).div_ceil(points.len().max(1) as u64);
        json!({
            "unit": wanted.unit,
            "parameter": wanted.parameter,
            "unit_of_measure": self.unit_of_measure,
            "decimals": self.decimals,
            "from_ms": wanted.from_ms,
            "to_ms": wanted.to_ms,
            "points": points,
            "every": every * thinned.max(1),
            "phases": self.phases,
            "alarms": self.alarms,
            "gaps": self.gaps,
        })
    }
}

/// True where the event names the parameter.
fn concerns(event: &Event, parameter: &str) -> bool {
    match event.details.get("parameters") {
        Some(Datum::List(parameters)) => parameters.contains(&Datum::from(parameter)),
        Some(_) | None => false,
    }
}

fn point(at_ms: i64, value: Option<f64>, quality: Quality) -> Point {
    match quality {
        Quality::Good => Point(at_ms, value, "good"),
        Quality::Uncertain(_) => Point(at_ms, value, "uncertain"),
        // Nothing that cannot be believed is drawn.
        Quality::Bad(_) => Point(at_ms, None, "bad"),
    }
}
