//! The alarms of a unit under a Master File: limits, instruments, devices; what suppresses what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cellwatch_config::master_file::{Alarm, MasterFile};
use cellwatch_model::{LimitKind, Mono, Quality};
use cellwatch_record::{AlarmChange, Person, SavedAlarm};
use smallvec::SmallVec;

use super::Request;
use super::alarm_point::{AlarmPoint, Beside, Explains, PHASE_RULE};
use super::device_alarms::Watch;
use super::earliest::Earliest;
use super::points::{Rules, communication, communication_id, phase_points};
use super::unit::Origin;
use super::watch::{Judged, Watched};

/// A parameter of a unit, as far as alarms know it.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A device gives it.
    Device(Origin),
    /// People enter it under this name.
    Entered(String),
}

impl Source {
    fn name(&self) -> &str {
        match self {
            Self::Device(origin) => &origin.known().name,
            Self::Entered(name) => name,
        }
    }

    fn device(&self) -> Option<&str> {
        match self {
            Self::Device(origin) => Some(origin.device()),
            Self::Entered(_) => None,
        }
    }
}

/// The alarms of a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct UnitAlarms {
    sources: Vec<Source>,
    pub(super) points: Vec<Point>,
    by_parameter: Vec<SmallVec<[u32; 4]>>,
    /// Indices of all points, those first that explain others as a higher level or as a silent device: what rises
    /// at the same moment is explained before it calls.
    order: Vec<u32>,
    /// Last believable readings, by parameter; none before the first.
    judged: Vec<Option<Judged>>,
    /// What parameters tell of their devices.
    pub(super) watches: Vec<SmallVec<[Watch; 1]>>,
    /// When a delay, a shelving or the time to call again is over.
    pub(super) due: Earliest,
}

#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) alarm: AlarmPoint,
    parameter: Option<u32>,
    watched: Watched,
    /// Alarms that explain it, by index.
    explained_by: SmallVec<[(u32, Explains); 2]>,
}

impl UnitAlarms {
    /// The alarms that the Master File has for parameters of the unit, its devices and its phases.
    pub(super) fn new(rules: &Rules, sources: Vec<Source>) -> Self {
        let file = &rules.file;
        let by_name: BTreeMap<&str, usize> =
            sources.iter().enumerate().rev().map(|(index, one)| (one.name(), index)).collect();
        let index_of = |name: &str| by_name.get(name).copied();
        let mut alarms = Self {
            by_parameter: vec![SmallVec::new(); sources.len()],
            judged: vec![None; sources.len()],
            ..Self::default()
        };
        for point in phase_points() {
            alarms.add(None, point, Watched::Value);
        }
        let mut devices = BTreeSet::new();
        for device in sources.iter().filter_map(Source::device) {
            if devices.insert(device) {
                alarms.add(None, communication(device), Watched::Value);
            }
        }
        for (parameter, instrument) in file.parameters.iter().zip(&rules.instruments) {
            let index = index_of(&parameter.name);
            if index.is_some() {
                alarms.add(index, AlarmPoint::of(Arc::clone(instrument)), Watched::Value);
            }
        }
        for (alarm, definition) in file.alarms.iter().zip(&rules.alarms) {
            let index = index_of(&alarm.parameter);
            if index.is_some() {
                let set_point = file.parameter(&alarm.parameter).and_then(|its| its.set_point);
                let watched = Watched::new(&alarm.watch, set_point, index_of);
                alarms.add(index, AlarmPoint::of(Arc::clone(definition)), watched);
            }
        }
        alarms.sources = sources;
        alarms.explain(file);
        alarms.put_in_order();
        alarms
    }

    fn add(&mut self, parameter: Option<usize>, alarm: AlarmPoint, watched: Watched) {
        for index in [parameter, watched.reference()].into_iter().flatten() {
            self.by_parameter[index].push(number(self.points.len()));
        }
        let parameter = parameter.map(number);
        self.points.push(Point { alarm, parameter, watched, explained_by: SmallVec::new() });
        self.due.forget();
    }

    /// Adds an alarm on what a device says of itself; gives its index.
    pub(super) fn add_point(&mut self, alarm: AlarmPoint) -> usize {
        self.add(None, alarm, Watched::Value);
        let index = self.points.len() - 1;
        self.order.push(number(index));
        index
    }

    /// HH explains H and LL explains L of the same parameter, a silent device its instruments; others as the
    /// Master File says.
    fn explain(&mut self, file: &MasterFile) {
        let numbered = self.points.iter().enumerate().rev();
        let by_id: BTreeMap<&str, u32> =
            numbered.map(|(index, point)| (point.alarm.id.as_str(), number(index))).collect();
        let ruled: BTreeMap<&str, &Alarm> =
            file.alarms.iter().rev().map(|alarm| (alarm.id.as_str(), alarm)).collect();
        let explaining = |point: &Point| {
            let mut by: SmallVec<[(u32, Explains); 2]> = SmallVec::new();
            let own = point.parameter.map(place);
            if let (Some(higher), Some(own)) = (higher(point.alarm.kind), own) {
                let same = |index: &&u32| {
                    let other = &self.points[place(**index)];
                    other.parameter == point.parameter && other.alarm.kind == higher
                };
                let levels = self.by_parameter[own].iter().filter(same);
                by.extend(levels.map(|index| (*index, Explains::Level)));
            }
            let instrument = own.filter(|_| point.alarm.kind == LimitKind::Instrument);
            if let Some(device) = instrument.and_then(|its| self.sources[its].device()) {
                let link = by_id.get(communication_id(device).as_str());
                by.extend(link.map(|at| (*at, Explains::Link)));
            }
            let rules = ruled.get(point.alarm.id.as_str()).into_iter();
            for id in rules.flat_map(|alarm| &alarm.suppressed_by) {
                by.extend(by_id.get(id.as_str()).map(|at| (*at, Explains::Rule)));
            }
            by
        };
        let explained: Vec<_> = self.points.iter().map(explaining).collect();
        for (point, by) in self.points.iter_mut().zip(explained) {
            point.explained_by = by;
        }
    }

    fn put_in_order(&mut self) {
        let points = &self.points;
        let rank = |index: &u32| match points[place(*index)].alarm.kind {
            LimitKind::Communication => 0,
            LimitKind::LowLow | LimitKind::HighHigh => 1,
            LimitKind::Low
            | LimitKind::High
            | LimitKind::Instrument
            | LimitKind::Agent
            | LimitKind::Deviation
            | LimitKind::Rate
            | LimitKind::Discrete
            | LimitKind::Phase => 2,
        };
        self.order = (0..number(points.len())).collect();
        self.order.sort_by_key(rank);
        for indices in &mut self.by_parameter {
            indices.sort_by_key(rank);
        }
    }

    /// Goes on in the states of `before`, by alarm id; gives the records that close those without a counterpart.
    pub(super) fn carry_over(&mut self, before: &Self, at: Mono) -> Vec<AlarmChange> {
        let mut closed = Vec::new();
        self.due.forget();
        let numbered = self.points.iter().enumerate().rev();
        let by_id: BTreeMap<String, usize> =
            numbered.map(|(index, new)| (new.alarm.id.clone(), index)).collect();
        for old in &before.points {
            match by_id.get(&old.alarm.id).map(|index| &mut self.points[*index]) {
                Some(new) => new.alarm = new.alarm.clone().carrying_over(&old.alarm),
                None => closed.extend(old.alarm.close(at)),
            }
        }
        let numbered = before.sources.iter().enumerate().rev();
        let by_name: BTreeMap<&str, usize> =
            numbered.map(|(index, one)| (one.name(), index)).collect();
        for (index, source) in self.sources.iter().enumerate() {
            let known = by_name.get(source.name());
            if let Some(judged) = known.and_then(|known| before.judged[*known].clone()) {
                self.judged[index] = Some(judged);
            }
        }
        closed
    }

    /// Goes on as before a restart; gives the records that close what has no counterpart any more: its device left the
    /// site file, or its alarm the Master File meanwhile.
    pub(super) fn restore(
        &mut self,
        saved: &[(SavedAlarm, Beside)],
        rules: &Rules,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let mut closed = Vec::new();
        for (one, beside) in saved {
            match self.find(&one.alarm) {
                Some(alarm) => *alarm = alarm.clone().restored(one, beside),
                None => closed
                    .extend(rules.without_counterpart(&one.alarm).restored(one, beside).close(at)),
            }
        }
        closed
    }

    /// Suppresses what the phase does not judge, and ends it for what it does.
    pub(super) fn phase(&mut self, phase: Option<&str>, at: Mono) -> Vec<AlarmChange> {
        let step = |point: &mut Point| {
            let phases = &point.alarm.phases;
            let judged = phases.is_empty()
                || phase.is_some_and(|phase| phases.iter().any(|one| one == phase));
            point.alarm.suppress(PHASE_RULE, !judged, false, at)
        };
        let mut changes: Vec<_> = self.points.iter_mut().filter_map(step).collect();
        self.due.forget();
        self.first_out(&mut changes, at);
        changes
    }

    /// Does what a person asks of an alarm; what it explained may call now.
    pub(super) fn request(
        &mut self,
        alarm: &str,
        request: Request,
        (person, comment): (Person, String),
        at: Mono,
    ) -> Result<Vec<AlarmChange>, String> {
        let found = self.find(alarm).ok_or_else(|| format!("there is no alarm {alarm}"))?;
        let mut changes = vec![found.request(request, person, comment, at)?];
        self.first_out(&mut changes, at);
        Ok(changes)
    }

    /// Judges a reading of a parameter.
    pub(super) fn reading(
        &mut self,
        parameter: usize,
        judged: Judged,
        quality: Quality,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let is_bad = matches!(quality, Quality::Bad(_));
        let Some(last) = self.judged.get_mut(parameter) else { return Vec::new() };
        *last = Some(if is_bad { Judged::Nothing } else { judged });
        let mut changes = Vec::new();
        for at_place in 0..self.by_parameter[parameter].len() {
            let index = self.by_parameter[parameter][at_place];
            let point = &mut self.points[place(index)];
            let own = point.parameter.and_then(|own| self.judged[place(own)].as_ref());
            let Some(own) = own else { continue };
            if point.alarm.kind == LimitKind::Instrument {
                let note = is_bad.then(|| quality.to_string());
                let change = point.alarm.set(is_bad, note, at);
                self.due.add(point.alarm.due());
                self.changed(
                    change.map(|change| AlarmChange { quality, ..change }),
                    &mut changes,
                    at,
                );
                continue;
            }
            let reference = point.watched.reference();
            let reference = reference.and_then(|other| self.judged[other].as_ref());
            match point.watched.number(own, reference, at) {
                Some(number) => {
                    let change = point.alarm.reading(number, quality, at);
                    self.due.add(point.alarm.due());
                    self.changed(change, &mut changes, at);
                }
                None => {
                    point.alarm.no_value(quality);
                    self.due.add(point.alarm.due());
                }
            }
        }
        changes
    }

    /// A condition that the unit itself judges became true or false.
    pub(super) fn set(
        &mut self,
        id: &str,
        holds: bool,
        note: Option<String>,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let mut changes: Vec<_> =
            self.find(id).and_then(|alarm| alarm.set(holds, note, at)).into_iter().collect();
        self.first_out(&mut changes, at);
        changes
    }

    /// A condition that is true for a moment only: it calls, and stands until a person has seen it.
    pub(super) fn pulse(&mut self, id: &str, note: String, at: Mono) -> Vec<AlarmChange> {
        let mut changes = self.set(id, true, Some(note), at);
        changes.extend(self.set(id, false, None, at));
        changes
    }

    /// A device of the unit began or ceased to answer.
    pub(super) fn link(
        &mut self,
        device: &str,
        up: bool,
        cause: &str,
        at: Mono,
    ) -> Vec<AlarmChange> {
        self.set(&communication_id(device), !up, (!up).then(|| cause.to_owned()), at)
    }

    /// After a new Master File or a restart: suppression as the rules of now have it.
    pub(super) fn reconcile(&mut self, phase: Option<&str>, at: Mono) -> Vec<AlarmChange> {
        let mut changes = self.phase(phase, at);
        self.due.forget();
        self.explained(&mut changes, at);
        for index in 0..self.points.len() {
            let by = self.points[index].explained_by.iter();
            let mut known: BTreeSet<String> =
                by.map(|(by, _)| explained_by(&self.points[place(*by)].alarm)).collect();
            known.insert(PHASE_RULE.to_owned());
            changes.extend(self.points[index].alarm.keep_rules(&known, at));
        }
        changes
    }

    /// An alarm changed: what it explains follows at once.
    fn changed(
        &mut self,
        own: impl IntoIterator<Item = AlarmChange>,
        changes: &mut Vec<AlarmChange>,
        at: Mono,
    ) {
        let before = changes.len();
        changes.extend(own);
        if changes.len() > before {
            self.explained(changes, at);
        }
    }

    /// Suppresses what active alarms explain, where something changed.
    fn first_out(&mut self, changes: &mut Vec<AlarmChange>, at: Mono) {
        if !changes.is_empty() {
            self.explained(changes, at);
        }
    }

    /// Suppresses what active alarms explain, and ends it where they no longer do. One round is enough for
    /// each level of explanation; the Master File has no circles.
    fn explained(&mut self, changes: &mut Vec<AlarmChange>, at: Mono) {
        self.due.forget();
        for index in 0..self.points.len() {
            for (by, how) in self.points[index].explained_by.clone() {
                let by = &self.points[place(by)].alarm;
                let holds = by.explains(&self.points[index].alarm, how);
                let seen = how != Explains::Rule && by.was_seen();
                let rule = explained_by(by);
                changes.extend(self.points[index].alarm.suppress(&rule, holds, seen, at));
            }
        }
    }

    /// The earliest end of a running delay, or before it ([`Earliest`]).
    pub(super) fn next_due(&self) -> Option<Mono> {
        self.due.get(|| self.points.iter().filter_map(|point| point.alarm.due()).min())
    }

    /// Ends the delays that are over.
    pub(super) fn elapse(&mut self, now: Mono) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.due.forget();
        for at_place in 0..self.order.len() {
            let index = place(self.order[at_place]);
            let own = self.points[index].alarm.elapse(now);
            self.changed(own, &mut changes, now.floor_ms());
        }
        changes
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut AlarmPoint> {
        self.due.forget();
        self.points.iter_mut().map(|point| &mut point.alarm).find(|alarm| alarm.id == id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.points.iter().map(|point| &point.alarm)
    }
}

/// The level that explains this one; none for what has no higher one.
const fn higher(kind: LimitKind) -> Option<LimitKind> {
    match kind {
        LimitKind::Low => Some(LimitKind::LowLow),
        LimitKind::High => Some(LimitKind::HighHigh),
        LimitKind::LowLow
        | LimitKind::HighHigh
        | LimitKind::Instrument
        | LimitKind::Agent
        | LimitKind::Deviation
        | LimitKind::Rate
        | LimitKind::Discrete
        | LimitKind::Communication
        | LimitKind::Phase => None,
    }
}

/// An index as it is kept: a unit has far fewer alarms and parameters than 2^32.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A kept index.
const fn place(number: u32) -> usize {
    number as usize
}

/// The rule by which an alarm is suppressed that another one explains, in words.
fn explained_by(other: &AlarmPoint) -> String {
    format!("explained by {}", other.id)
}
