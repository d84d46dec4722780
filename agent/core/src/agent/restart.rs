//! A restart: the state is a fold over the records from the latest state record.
//!
//! Alarms in every ISA state, shelving with the time left and batches survive; running on-delays start
//! again with the next reading; nothing is announced twice.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_alarm::Regions;
use cellwatch_model::{AlarmTransition, IsaState, Mono, Now};
use cellwatch_record::{
    BatchChange, Body, Common, Deviation, DeviationChange, EnteredResult, EventKind, Record,
    SavedAlarm, SavedBatch, SavedSeals, SavedSite, State,
};

use super::Agent;
use crate::evaluate::{
    AgentAlarms, Beside, Times, Unit, counted_moved, fold_command, fold_event, is_annunciation,
};
use crate::journal::Context;
use crate::serve::{AlarmKey, EVERY, Remarks, Remembered, Silences, escalation};

/// The state is written this often, milliseconds: a start reads at most so much back.
pub(super) const STATE_PERIOD_MS: u64 = 3_600_000;

/// The word of the action that silences the horn.
pub(super) const SILENCE: &str = "silence the horn";
/// The word of the action that says something.
pub(super) const COMMENT: &str = "comment";

/// The state at the end of `history`, in the times of this start.
pub(super) fn fold(history: &[Record], same_machine_boot: bool, now: Now) -> State {
    let mut alarms: BTreeMap<(Option<String>, String), SavedAlarm> = BTreeMap::new();
    let mut batches: BTreeMap<String, SavedBatch> = BTreeMap::new();
    let mut deviations: BTreeMap<String, (String, Deviation)> = BTreeMap::new();
    let mut results: Vec<(String, EnteredResult)> = Vec::new();
    let mut counted = BTreeMap::new();
    let mut master_files = Vec::new();
    let mut site = SavedSite::default();
    let mut calling = BTreeMap::new();
    let mut remarks = Remarks::default();
    let mut silences = Silences::default();
    let mut times = Times::default();
    for Record { common, body } in history {
        let here = |at: Mono| if same_machine_boot { at } else { rebase(at, common, now) };
        match body {
            Body::State(state) => {
                alarms =
                    state.alarms.iter().map(|alarm| (key(alarm), moved(alarm, here))).collect();
                batches =
                    state.batches.iter().map(|batch| (batch.unit.clone(), batch.clone())).collect();
                for batch in batches.values_mut() {
                    batch.since = here(batch.since);
                }
                let there = state.deviations.iter().map(|(unit, one)| {
                    (one.id.clone(), (unit.clone(), deviation_moved(one, here)))
                });
                deviations = there.collect();
                let there = state.results.iter();
                results =
                    there.map(|(unit, one)| (unit.clone(), result_moved(one, here))).collect();
                counted = counted_moved(&state.counted, here);
                times = Times::read(&state.counted, here);
                master_files.clone_from(&state.master_files);
                site.clone_from(&state.site);
                calling.clone_from(&state.calling);
                remarks = Remarks::restored(&calling, here);
                silences = Silences::restored(&calling, here, standing(&alarms));
            }
            Body::Alarm(change) => {
                let unit = common.unit.as_deref();
                remarks.changed(unit, change, here(change.at));
                if let Some(said) = Remembered::of_change(change, common.utc) {
                    remarks.did(unit, &change.alarm, change.occurrence, said);
                }
                if is_annunciation(change) || change.transition == AlarmTransition::Closed {
                    silences.called(unit, &change.alarm);
                }
                if is_annunciation(change) {
                    escalation::fold_called(&mut calling, unit, &change.alarm);
                }
                times.alarm(common.unit.as_deref(), change, here(change.at));
                let key = (common.unit.clone(), change.alarm.clone());
                if change.transition == AlarmTransition::Closed {
                    alarms.remove(&key);
                    continue;
                }
                let before = alarms.get(&key);
                // What comes back acknowledged was seen with the alarm that explained it.
                let was_seen = change.transition == AlarmTransition::Unsuppressed
                    && change.state == IsaState::Acknowledged;
                let acknowledged = if was_seen || change.transition == AlarmTransition::Acknowledged
                {
                    Some(here(change.at))
                } else {
                    before.and_then(|alarm| alarm.acknowledged)
                };
                let before = before.map(|alarm| alarm.raised);
                let raised = match change.transition {
                    AlarmTransition::Raised => here(change.at),
                    AlarmTransition::Returned
                    | AlarmTransition::Acknowledged
                    | AlarmTransition::Reset
                    | AlarmTransition::ReAlarmed
                    | AlarmTransition::Shelved
                    | AlarmTransition::Unshelved
                    | AlarmTransition::Suppressed
                    | AlarmTransition::Unsuppressed
                    | AlarmTransition::OutOfService
                    | AlarmTransition::ReturnedToService
                    | AlarmTransition::Closed => before.unwrap_or_else(|| here(change.at)),
                };
                let (unit, alarm) = key.clone();
                let (regions, occurrence) = (change.regions, change.occurrence);
                let until = change.until.map(here);
                let saved =
                    SavedAlarm { unit, alarm, regions, occurrence, raised, until, acknowledged };
                alarms.insert(key, saved);
            }
            Body::Batch(change) if change.change == BatchChange::Sealed => {}
            Body::Batch(change) => {
                let Some(unit) = common.unit.clone() else { continue };
                let saved = change.to.clone().map(|phase| SavedBatch {
                    unit: unit.clone(),
                    batch: change.batch.clone(),
                    phase,
                    since: here(change.at),
                });
                times.batch(&unit, change, saved.as_ref());
                match saved {
                    Some(saved) => batches.insert(unit, saved),
                    None => batches.remove(&unit),
                };
            }
            Body::Deviation(deviation) => {
                let Some(unit) = common.unit.clone() else { continue };
                if deviation.change == DeviationChange::Closed {
                    deviations.remove(&deviation.id);
                } else {
                    let moved = deviation_moved(deviation, here);
                    deviations.insert(deviation.id.clone(), (unit, moved));
                }
            }
            Body::Result(result) => {
                let Some(unit) = common.unit.clone() else { continue };
                let result = result_moved(result, here);
                let known = results.iter_mut().find(|(_, known)| known.id == result.id);
                times.result(&result, known.as_ref().map(|(_, known)| known));
                match known {
                    Some((_, known)) => *known = result,
                    None => results.push((unit, result)),
                }
            }
            Body::Action(action) if action.what == SILENCE && action.refusal.is_none() => {
                let when = (common.utc, here(common.mono));
                for id in silenced_horns(action.new.as_deref()) {
                    silences.begin(id, &action.person, when, standing(&alarms));
                }
            }
            Body::Action(action) if action.what == COMMENT && action.refusal.is_none() => {
                let unit = common.unit.clone();
                let of_unit = unit.as_ref().map(|unit| format!("{unit}/")).unwrap_or_default();
                let Some(alarm) = action.target.strip_prefix(&of_unit) else { continue };
                let Some(known) = alarms.get(&(unit.clone(), alarm.to_owned())) else { continue };
                let said = Remembered {
                    person: action.person.clone(),
                    what: action.what.clone(),
                    comment: action.reason.clone(),
                    at: common.utc,
                };
                remarks.did(unit.as_deref(), alarm, known.occurrence, said);
            }
            Body::Event(event) if event.kind == EventKind::Notification => {
                escalation::fold(&mut calling, event);
            }
            Body::Event(event) => {
                fold_event(&mut master_files, event);
                fold_command(&mut site, event);
            }
            Body::Telemetry(_) | Body::Action(_) | Body::Health(_) => {}
        }
    }
    remarks.save(&mut calling, |_, _, _| true);
    silences.save(&mut calling);
    times.write(&mut counted);
    State {
        alarms: alarms.into_values().collect(),
        batches: batches.into_values().collect(),
        deviations: deviations.into_values().collect(),
        results,
        counted,
        master_files,
        site,
        calling,
        // Folded with the hashes of all records (`crate::journal::Seals`).
        seals: SavedSeals::default(),
    }
}

/// The annunciators of an action that silenced their horns; where none is named, every one.
fn silenced_horns(named: Option<&str>) -> impl Iterator<Item = &str> {
    named.unwrap_or(EVERY).split(", ")
}

/// What called or was seen and stood on.
fn standing(
    alarms: &BTreeMap<(Option<String>, String), SavedAlarm>,
) -> impl Iterator<Item = AlarmKey> {
    let stands = |saved: &SavedAlarm| {
        Regions::from_bits(saved.regions, 0).is_some_and(|regions| {
            regions.is_annunciated() && regions.state() != cellwatch_alarm::State::Normal
        })
    };
    alarms.iter().filter(move |(_, saved)| stands(saved)).map(|(key, _)| key.clone())
}

fn key(alarm: &SavedAlarm) -> (Option<String>, String) {
    (alarm.unit.clone(), alarm.alarm.clone())
}

fn moved(alarm: &SavedAlarm, here: impl Fn(Mono) -> Mono) -> SavedAlarm {
    SavedAlarm {
        raised: here(alarm.raised),
        until: alarm.until.map(&here),
        acknowledged: alarm.acknowledged.map(&here),
        ..alarm.clone()
    }
}

fn deviation_moved(deviation: &Deviation, here: impl Fn(Mono) -> Mono) -> Deviation {
    let trend =
        |points: &[(Mono, f64)]| points.iter().map(|(at, value)| (here(*at), *value)).collect();
    let seen = deviation.acknowledgements.iter();
    Deviation {
        at: here(deviation.at),
        since: here(deviation.since),
        until: deviation.until.map(&here),
        acknowledgements: seen.map(|(at, person)| (here(*at), person.clone())).collect(),
        before: trend(&deviation.before),
        after: trend(&deviation.after),
        ..deviation.clone()
    }
}

fn result_moved(result: &EnteredResult, here: impl Fn(Mono) -> Mono) -> EnteredResult {
    EnteredResult { at: here(result.at), ..result.clone() }
}

/// A monotonic time of an earlier boot of the machine in the times of this one: only the wall clock
/// spans the two. A wall clock that went back is taken to have stood still.
fn rebase(at: Mono, common: &Common, now: Now) -> Mono {
    let between_ns = i128::from(now.utc.0.saturating_sub(common.utc.0).max(0));
    let here = i128::from(now.mono.0) + i128::from(at.0) - i128::from(common.mono.0) - between_ns;
    Mono(u64::try_from(here.max(0)).unwrap_or(u64::MAX)).floor_ms()
}

/// Gives units and the agent's own alarms the state of before.
pub(crate) fn restore(state: &State, units: &mut [&mut Unit], agent: &mut AgentAlarms) {
    agent.restore(&state.alarms);
    let times = Times::read(&state.counted, |at| at);
    let remarks = Remarks::restored(&state.calling, |at| at);
    for unit in units {
        if let Some(batch) = state.batches.iter().find(|batch| batch.unit == unit.id) {
            unit.restore_batch(batch.clone(), &times);
        }
        let alarms = state.alarms.iter().filter(|alarm| alarm.unit.as_ref() == Some(&unit.id));
        let alarms = alarms.map(|saved| {
            let key = (unit.id.clone(), saved.alarm.clone());
            let beside = Beside {
                returned: times.returned.get(&key).copied(),
                called: times.called.get(&key).copied(),
                seen_by: remarks.seen_by(saved),
            };
            (saved.clone(), beside)
        });
        let alarms = alarms.collect();
        let deviations = state.deviations.iter().filter(|(id, _)| *id == unit.id);
        let results = state.results.iter().filter(|(id, _)| *id == unit.id);
        unit.restore(
            alarms,
            deviations.map(|(_, one)| one.clone()).collect(),
            results.map(|(_, one)| one.clone()).collect(),
            &times,
        );
    }
}

impl Agent {
    /// Takes the state of before the restart.
    pub(super) fn restore(&mut self, state: &State, now: Now) {
        let mut units: Vec<&mut Unit> = self.units.iter_mut().map(|unit| &mut **unit).collect();
        restore(state, &mut units, &mut self.alarms);
        self.metrics.restore(&state.counted, &state.alarms);
        self.master_files.restore(&state.master_files);
        self.site.restore(&state.site);
        self.annunciation.restore(&state.calling);
        self.remarks = Remarks::restored(&state.calling, |at| at);
        self.escalation.restore(&state.calling, now.mono);
    }

    /// Counts what was annunciated after the latest state record.
    pub(super) fn recount(&mut self, history: &[Record], same_machine_boot: bool, now: Now) {
        let is_state = |record: &Record| matches!(record.body, Body::State(_));
        let last = history.iter().rposition(is_state);
        if let Some(Record { common, body: Body::State(state) }) = last.map(|last| &history[last]) {
            let here = |at: Mono| if same_machine_boot { at } else { rebase(at, common, now) };
            let began = Times::read(&state.counted, here).batches;
            let began = |batch: &SavedBatch| {
                let began = began.get(&batch.unit).copied();
                (batch.unit.clone(), began.unwrap_or_else(|| here(batch.since)))
            };
            self.metrics.running(state.batches.iter().map(began));
        }
        for Record { common, body } in &history[last.map_or(0, |last| last + 1)..] {
            let here = |at: Mono| if same_machine_boot { at } else { rebase(at, common, now) };
            let unit = common.unit.as_deref();
            match body {
                Body::Alarm(change) => {
                    let (batch, at) = (common.batch.as_deref(), here(change.at));
                    self.metrics.recount(unit, batch, change, (at, common.utc));
                }
                Body::Batch(change) => {
                    self.metrics.recount_batch(unit, change, (here(change.at), common.utc));
                }
                Body::Telemetry(_)
                | Body::Deviation(_)
                | Body::Action(_)
                | Body::Result(_)
                | Body::Event(_)
                | Body::State(_)
                | Body::Health(_) => {}
            }
        }
    }

    /// Writes the state record. Frames are cut before it: a start that finds none after it knows where each unit ends.
    pub(super) fn say_state(&mut self, now: Now) {
        self.next_state = now.mono.plus_ms(STATE_PERIOD_MS);
        let state = self.state();
        self.recorder.record(Body::State(state), Context::default(), now);
    }

    /// What a restart would go on from.
    #[must_use]
    pub fn state(&self) -> State {
        let units = || self.units.iter().map(|unit| &**unit);
        let mut calling = BTreeMap::new();
        self.annunciation.save(&mut calling);
        self.escalation.save(&mut calling);
        let alarms: Vec<SavedAlarm> =
            self.alarms.save().chain(units().flat_map(Unit::save_alarms)).collect();
        // Of an excursion that is over nothing more is shown.
        let normal = Regions::default().bits();
        let open: BTreeSet<(Option<&str>, &str, u32)> = alarms
            .iter()
            .filter(|one| one.regions != normal)
            .map(|one| (one.unit.as_deref(), one.alarm.as_str(), one.occurrence))
            .collect();
        self.remarks.save(&mut calling, |unit, alarm, occurrence| {
            open.contains(&(unit, alarm, occurrence))
        });
        let mut counted = self.metrics.save();
        let mut times = Times::default();
        for unit in units() {
            times.extend(unit.save_times());
        }
        times.write(&mut counted);
        counted.extend(units().flat_map(Unit::save_links));
        State {
            alarms,
            batches: units().filter_map(Unit::save_batch).collect(),
            deviations: units().flat_map(Unit::save_deviations).collect(),
            results: units().flat_map(Unit::save_results).collect(),
            counted,
            master_files: self.master_files.save(),
            site: self.site.saved().clone(),
            calling,
            seals: self.recorder.save_seals(),
        }
    }
}
