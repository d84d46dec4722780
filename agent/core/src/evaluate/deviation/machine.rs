//! The deviation candidates of one unit.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_alarm::Direction;
use cellwatch_config::master_file::MasterFile;
use cellwatch_model::{AlarmTransition, LimitKind, Mono};
use cellwatch_record::{AlarmChange, Deviation, DeviationChange};

use super::evidence::{Trend, area, push_after};
use super::rules::{Rule, Unless, rules};
use crate::evaluate::AlarmPoint;
use crate::evaluate::alarm_point::is_calling;

/// The trend after the return is collected for so long, milliseconds.
const AFTER_MS: u64 = 600_000;
/// Excursions that are watched or collected at once in a unit. At this many the oldest that has returned is
/// closed before its time; those that stand are bounded by the alarms of the Master File.
const WATCHED_MAX: usize = 256;

/// The deviation candidates of a unit, and the excursions that may become one.
#[derive(Clone, Debug, Default)]
pub(in crate::evaluate) struct Deviations {
    unit: String,
    rules: BTreeMap<String, Vec<Rule>>,
    /// By index, with their names, of the parameters that a rule of the Master File in force is about. A rule that comes with another
    /// Master File has the values since then.
    trends: BTreeMap<usize, (String, Trend)>,
    watched: BTreeMap<(String, u32), Watched>,
}

#[derive(Clone, Debug)]
struct Watched {
    deviation: Deviation,
    direction: Option<Direction>,
    is_open: bool,
    unacknowledged: bool,
    /// Since when its phase judges it; none while it does not.
    judged_from: Option<Mono>,
    /// Rules whose time runs, with its end.
    pending: Vec<(Mono, Rule)>,
    last: Option<(Mono, f64)>,
}

impl Deviations {
    pub(in crate::evaluate) fn new(unit: String) -> Self {
        Self { unit, ..Self::default() }
    }

    /// Those that were open before a restart.
    pub(in crate::evaluate) fn restore(&mut self, saved: Vec<Deviation>) {
        for deviation in saved {
            let key = (deviation.alarm.clone(), deviation.occurrence);
            let watched = Watched {
                judged_from: Some(deviation.since),
                deviation,
                direction: None,
                is_open: true,
                unacknowledged: false,
                pending: Vec::new(),
                last: None,
            };
            self.watched.insert(key, watched);
        }
    }

    /// Goes by the rules of `file` from now on, for what stands already as well. `parameters` are the names of all of the
    /// unit's, those that people enter among them, by index.
    pub(in crate::evaluate) fn master_file<'a>(
        &mut self,
        file: &MasterFile,
        parameters: impl Iterator<Item = &'a str>,
        points: impl Iterator<Item = &'a AlarmPoint>,
        at: Mono,
    ) {
        self.rules = rules(file);
        let mut sources = BTreeSet::new();
        for watched in self.watched.values_mut() {
            watched.pending.clear();
        }
        for point in points {
            if self.rules.contains_key(&point.id) {
                sources.insert(point.source.as_str());
            }
            let key = (point.id.clone(), point.occurrence());
            let is_known = self.watched.contains_key(&key);
            if !is_known && (point.is_active() || point.is_over_unseen()) {
                let (limit, raised) = (point.limit.limit, point.raised());
                let value = point.value().filter(|_| point.is_active());
                self.begin(&key, &point.source, point.kind, raised, Some(limit), value);
            }
            let Some(watched) = self.watched.get_mut(&key) else { continue };
            if !is_known {
                watched.judged_from = Some(point.raised());
                watched.deviation.acknowledgements.extend(point.seen_by());
                if point.is_over_unseen() {
                    watched.deviation.until = Some(point.returned().unwrap_or(at));
                }
            }
            watched.direction = direction(point.kind);
            watched.unacknowledged = !point.is_acknowledged();
            if point.is_out_of_phase() {
                watched.judged_from = None;
            } else {
                let rules = self.rules.get(&point.id).map(Vec::as_slice);
                let judged_from = *watched.judged_from.get_or_insert(at);
                watched.arm(rules.unwrap_or_default(), judged_from, point.called());
                watched.nobody_is_late(point.is_standing());
                for (due, _) in &mut watched.pending {
                    *due = (*due).max(at);
                }
            }
        }
        let mut before: BTreeMap<String, Trend> =
            std::mem::take(&mut self.trends).into_values().collect();
        for (index, name) in parameters.enumerate().filter(|(_, name)| sources.contains(name)) {
            let trend = before.remove(name).unwrap_or_default();
            self.trends.insert(index, (name.to_owned(), trend));
        }
    }

    /// The phase changed: what the new one does not judge is no deviation, what it judges may become one from now on.
    pub(in crate::evaluate) fn phase<'a>(
        &mut self,
        points: impl Iterator<Item = &'a AlarmPoint>,
        at: Mono,
    ) {
        for point in points.filter(|point| point.is_active()) {
            let key = (point.id.clone(), point.occurrence());
            let Some(watched) = self.watched.get_mut(&key) else { continue };
            if point.is_out_of_phase() {
                watched.pending.clear();
                watched.judged_from = None;
            } else {
                let rules = self.rules.get(&point.id).map(Vec::as_slice);
                watched.arm_now(rules.unwrap_or_default(), at);
                watched.nobody_is_late(point.is_standing());
            }
        }
    }

    /// A reading of a parameter, or that there is nothing believable.
    pub(in crate::evaluate) fn reading(
        &mut self,
        index: usize,
        parameter: &str,
        value: Option<f64>,
        at: Mono,
    ) {
        if let Some(value) = value
            && let Some((_, trend)) = self.trends.get_mut(&index)
        {
            trend.push(at, value);
        }
        for watched in self.watched.values_mut() {
            if watched.deviation.source == parameter {
                watched.reading(value, at);
            }
        }
    }

    /// An alarm of the unit changed; `is_judged` is false where the phase does not judge it.
    pub(in crate::evaluate) fn alarm(
        &mut self,
        change: &AlarmChange,
        is_judged: bool,
    ) -> Vec<Deviation> {
        let key = (change.alarm.clone(), change.occurrence);
        let mut said = Vec::new();
        if change.transition == AlarmTransition::Raised && self.rules.contains_key(&change.alarm) {
            said.extend(self.make_room(change.at));
            let (limit, value) = (change.limit, change.value);
            self.begin(&key, &change.source, change.kind, change.at, limit, value);
        }
        let Some(watched) = self.watched.get_mut(&key) else { return said };
        let rules = self.rules.get(&change.alarm).map(Vec::as_slice).unwrap_or_default();
        if let Some(deviation) = watched.alarm(change, rules, is_judged) {
            said.push(deviation);
        }
        if watched.is_forgotten() || change.transition == AlarmTransition::Closed {
            self.watched.remove(&key);
        }
        said
    }

    fn begin(
        &mut self,
        key: &(String, u32),
        source: &str,
        kind: LimitKind,
        since: Mono,
        limit: Option<f64>,
        value: Option<f64>,
    ) {
        let direction = direction(kind);
        // What a rate or a distance was judged by is not the parameter's own value.
        let value = value.filter(|_| direction.is_some());
        let deviation = Deviation {
            id: format!("{}/{}/{}", self.unit, key.0, key.1),
            change: DeviationChange::Opened,
            rules: Vec::new(),
            alarm: key.0.clone(),
            occurrence: key.1,
            source: source.to_owned(),
            at: since,
            since,
            until: None,
            limit: limit.filter(|_| direction.is_some()),
            lowest: value,
            highest: value,
            area: direction.map(|_| 0.0),
            acknowledgements: Vec::new(),
            before: self.before(source, since),
            after: Vec::new(),
        };
        let watched = Watched {
            deviation,
            direction,
            is_open: false,
            unacknowledged: true,
            judged_from: None,
            pending: Vec::new(),
            last: value.map(|value| (since, value)),
        };
        self.watched.insert(key.clone(), watched);
    }

    fn before(&self, source: &str, since: Mono) -> Vec<(Mono, f64)> {
        let trend = self.trends.values().find(|(name, _)| name == source);
        trend.map(|(_, trend)| trend.until(since)).unwrap_or_default()
    }

    /// Closes the oldest that has returned where there are too many.
    fn make_room(&mut self, at: Mono) -> Option<Deviation> {
        if self.watched.len() < WATCHED_MAX {
            return None;
        }
        let returned = self.watched.iter().filter(|(_, one)| one.deviation.until.is_some());
        let oldest = returned.min_by_key(|(_, one)| one.deviation.since)?.0.clone();
        let mut oldest = self.watched.remove(&oldest)?;
        oldest.is_open.then(|| oldest.say(DeviationChange::Closed, at))
    }

    /// When a rule's time or a trend is over.
    pub(in crate::evaluate) fn next_due(&self) -> Option<Mono> {
        self.watched.values().filter_map(Watched::due).min()
    }

    /// Opens, updates and closes what is due at `now`.
    pub(in crate::evaluate) fn elapse(&mut self, now: Mono) -> Vec<Deviation> {
        let mut said = Vec::new();
        self.watched.retain(|_, watched| {
            said.extend(watched.elapse(now));
            !watched.is_forgotten()
        });
        said
    }

    /// Those that are open, for the state record.
    pub(in crate::evaluate) fn save(&self) -> impl Iterator<Item = &Deviation> {
        self.watched.values().filter(|one| one.is_open).map(|one| &one.deviation)
    }
}

impl Watched {
    /// From `at` on the phase judges it, or it calls.
    fn arm_now(&mut self, rules: &[Rule], at: Mono) {
        self.judged_from.get_or_insert(at);
        self.arm(rules, at, at);
    }

    /// Rules about the excursion run since it is judged, those about people since they are called.
    fn arm(&mut self, rules: &[Rule], judged_from: Mono, called: Mono) {
        for rule in rules {
            let (waits, from) = match rule.unless {
                Unless::Returned => (self.deviation.until.is_none(), judged_from),
                Unless::Acknowledged => (self.unacknowledged, called),
            };
            let is_known = self.deviation.rules.iter().any(|(_, words)| *words == rule.words)
                || self.pending.iter().any(|(_, pending)| pending == rule);
            if waits && !is_known {
                self.pending.push((from.plus_ms(rule.after_ms), rule.clone()));
            }
        }
    }

    fn reading(&mut self, value: Option<f64>, at: Mono) {
        let deviation = &mut self.deviation;
        if deviation.until.is_some() {
            if let Some(value) = value {
                push_after(&mut deviation.after, at, value);
            }
            return;
        }
        self.sum(at);
        self.last = value.map(|value| (at, value));
        if let Some(value) = value {
            let deviation = &mut self.deviation;
            deviation.lowest = Some(deviation.lowest.map_or(value, |lowest| lowest.min(value)));
            deviation.highest = Some(deviation.highest.map_or(value, |highest| highest.max(value)));
        }
    }

    /// Adds what the last value covered until `to`.
    fn sum(&mut self, to: Mono) {
        if let (Some((from, value)), Some(direction), Some(limit), Some(sum)) =
            (self.last, self.direction, self.deviation.limit, self.deviation.area)
        {
            self.deviation.area = Some(sum + area(direction, limit, value, from, to));
            self.last = Some((to, value));
        }
    }

    fn alarm(
        &mut self,
        change: &AlarmChange,
        rules: &[Rule],
        is_judged: bool,
    ) -> Option<Deviation> {
        self.unacknowledged = change.regions & 2 == 0;
        let mut matters = false;
        match change.transition {
            AlarmTransition::Raised => {
                if is_judged {
                    self.arm_now(rules, change.at);
                }
            }
            AlarmTransition::Returned => {
                self.sum(change.at);
                self.deviation.until = Some(change.at);
                self.pending.retain(|(_, rule)| rule.unless != Unless::Returned);
                matters = true;
            }
            AlarmTransition::Acknowledged => {
                let person = change.person.clone();
                let seen = person.map(|person| (change.at, person));
                self.deviation.acknowledgements.extend(seen);
                matters = true;
            }
            AlarmTransition::Unsuppressed
            | AlarmTransition::ReAlarmed
            | AlarmTransition::Unshelved
            | AlarmTransition::ReturnedToService => {
                if is_judged {
                    self.arm_now(rules, change.at);
                }
            }
            AlarmTransition::Closed => {
                return self.is_open.then(|| self.say(DeviationChange::Closed, change.at));
            }
            AlarmTransition::Reset
            | AlarmTransition::Suppressed
            | AlarmTransition::Shelved
            | AlarmTransition::OutOfService => {}
        }
        self.nobody_is_late(is_calling(change.state));
        (matters && self.is_open).then(|| self.say(DeviationChange::Updated, change.at))
    }

    /// Where nobody is called, nobody is late; the excursion itself goes on, whatever explains it.
    fn nobody_is_late(&mut self, calls: bool) {
        self.pending.retain(|(_, rule)| calls || rule.unless != Unless::Acknowledged);
    }

    fn closes(&self) -> Option<Mono> {
        let is_over = self.is_open && !self.unacknowledged;
        Some(self.deviation.until.filter(|_| is_over)?.plus_ms(AFTER_MS))
    }

    fn due(&self) -> Option<Mono> {
        self.pending.iter().map(|(due, _)| *due).chain(self.closes()).min()
    }

    fn elapse(&mut self, now: Mono) -> Vec<Deviation> {
        let mut said = Vec::new();
        while let Some(at) = self.pending.iter().position(|(due, _)| *due <= now) {
            let (due, rule) = self.pending.remove(at);
            self.deviation.rules.push((rule.kind, rule.words));
            let change =
                if self.is_open { DeviationChange::Updated } else { DeviationChange::Opened };
            self.is_open = true;
            said.push(self.say(change, due));
        }
        if let Some(closes) = self.closes().filter(|closes| *closes <= now) {
            said.push(self.say(DeviationChange::Closed, closes.max(self.deviation.at)));
            self.is_open = false;
        }
        said
    }

    fn say(&mut self, change: DeviationChange, at: Mono) -> Deviation {
        if self.deviation.until.is_none() {
            self.sum(at);
        }
        self.deviation.change = change;
        self.deviation.at = at;
        self.deviation.clone()
    }

    fn is_forgotten(&self) -> bool {
        !self.is_open && self.pending.is_empty() && self.deviation.until.is_some()
    }
}

const fn direction(kind: LimitKind) -> Option<Direction> {
    match kind {
        LimitKind::LowLow | LimitKind::Low => Some(Direction::Low),
        LimitKind::High | LimitKind::HighHigh => Some(Direction::High),
        LimitKind::Instrument
        | LimitKind::Agent
        | LimitKind::Deviation
        | LimitKind::Rate
        | LimitKind::Discrete
        | LimitKind::Communication
        | LimitKind::Phase => None,
    }
}
