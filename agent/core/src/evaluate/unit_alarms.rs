//! The alarms of a unit under a Master File: limits and instruments.

use std::collections::BTreeMap;

use cellwatch_alarm::{Direction, Limit, Policy};
use cellwatch_config::master_file::{Alarm, MasterFile, Parameter};
use cellwatch_model::{LimitKind, Mono, Quality};
use cellwatch_record::AlarmChange;

use super::AlarmPoint;
use super::device_alarms::Watch;

/// A believable value must be back for this long before an instrument alarm returns, milliseconds.
const INSTRUMENT_OFF_DELAY_MS: u64 = 5_000;

/// The alarms of a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct UnitAlarms {
    pub(super) points: Vec<Point>,
    by_parameter: BTreeMap<usize, Vec<usize>>,
    /// What parameters tell of their devices.
    pub(super) watches: BTreeMap<usize, Vec<Watch>>,
}

#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) alarm: AlarmPoint,
    /// Phases in which it is judged; empty for always.
    pub(super) phases: Vec<String>,
}

impl UnitAlarms {
    /// The alarms that `file` has for parameters of the unit, `index_of` giving a parameter's index.
    pub(super) fn new(file: &MasterFile, index_of: impl Fn(&str) -> Option<usize>) -> Self {
        let mut alarms = Self::default();
        for parameter in &file.parameters {
            if let Some(index) = index_of(&parameter.name) {
                alarms.add(index, instrument(parameter), Vec::new());
            }
        }
        for alarm in &file.alarms {
            if let Some(index) = index_of(&alarm.parameter) {
                alarms.add(index, limit_alarm(alarm), alarm.phases.clone());
            }
        }
        alarms
    }

    fn add(&mut self, parameter: usize, alarm: AlarmPoint, phases: Vec<String>) {
        self.by_parameter.entry(parameter).or_default().push(self.points.len());
        self.points.push(Point { alarm, phases });
    }

    /// Goes on in the states of `before`, by alarm id; gives the records that close those without a counterpart.
    pub(super) fn carry_over(&mut self, before: &Self, at: Mono) -> Vec<AlarmChange> {
        let mut closed = Vec::new();
        for old in &before.points {
            let same = |new: &&mut Point| new.alarm.id == old.alarm.id;
            match self.points.iter_mut().find(same) {
                Some(new) => new.alarm = new.alarm.clone().carrying_over(&old.alarm),
                None => closed.extend(old.alarm.close(at)),
            }
        }
        closed
    }

    /// Suppresses what the phase does not judge, and ends it for what it does.
    pub(super) fn phase(&mut self, phase: Option<&str>, at: Mono) -> Vec<AlarmChange> {
        let step = |point: &mut Point| {
            let judged = point.phases.is_empty()
                || phase.is_some_and(|phase| point.phases.iter().any(|one| one == phase));
            point.alarm.suppress(!judged, at)
        };
        self.points.iter_mut().filter_map(step).collect()
    }

    /// Judges a reading of a parameter.
    pub(super) fn reading(
        &mut self,
        parameter: usize,
        value: Option<f64>,
        quality: Quality,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        for index in self.by_parameter.get(&parameter).into_iter().flatten() {
            let alarm = &mut self.points[*index].alarm;
            let is_bad = matches!(quality, Quality::Bad(_));
            let change = if alarm.kind == LimitKind::Instrument {
                let note = is_bad.then(|| quality.to_string());
                let change = alarm.set(is_bad, note, at);
                change.map(|change| AlarmChange { quality, ..change })
            } else if let Some(value) = value.filter(|_| !is_bad) {
                alarm.reading(value, quality, at)
            } else {
                alarm.no_value(quality);
                None
            };
            changes.extend(change);
        }
        changes
    }

    /// The earliest end of a running delay.
    pub(super) fn next_due(&self) -> Option<Mono> {
        self.points.iter().filter_map(|point| point.alarm.due()).min()
    }

    /// Ends the delays that are over.
    pub(super) fn elapse(&mut self, now: Mono) -> Vec<AlarmChange> {
        self.points.iter_mut().filter_map(|point| point.alarm.elapse(now)).collect()
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut AlarmPoint> {
        self.points.iter_mut().map(|point| &mut point.alarm).find(|alarm| alarm.id == id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.points.iter().map(|point| &point.alarm)
    }
}

fn instrument(parameter: &Parameter) -> AlarmPoint {
    AlarmPoint::on_condition(
        format!("{}.BAD", parameter.name),
        parameter.name.clone(),
        LimitKind::Instrument,
        parameter.instrument_priority,
        parameter.instrument_delay_ms,
        INSTRUMENT_OFF_DELAY_MS,
    )
    .with_response(&parameter.instrument_response)
}

fn limit_alarm(alarm: &Alarm) -> AlarmPoint {
    let direction = match alarm.kind {
        LimitKind::LowLow | LimitKind::Low => Direction::Low,
        LimitKind::High | LimitKind::HighHigh | LimitKind::Instrument | LimitKind::Agent => {
            Direction::High
        }
    };
    let limit = Limit {
        direction,
        limit: alarm.limit,
        deadband: alarm.deadband,
        on_delay_ms: alarm.on_delay_ms,
        off_delay_ms: alarm.off_delay_ms,
    };
    let (id, parameter) = (alarm.id.clone(), alarm.parameter.clone());
    AlarmPoint::new(id, parameter, alarm.kind, alarm.priority, limit)
        .with_response(&alarm.response)
        .with_policy(Policy { latching: alarm.latching, ack_required: true })
}
