//! A restart: the state is a fold over the records from the latest state record.
//!
//! Alarms in every ISA state, shelving with the time left and batches survive; running on-delays start
//! again with the next reading; nothing is announced twice.

use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, Mono, Now};
use cellwatch_record::{Body, Common, Record, SavedAlarm, SavedBatch, State};

use super::Agent;
use crate::journal::Context;

/// The state is written this often, milliseconds: a start reads at most so much back.
pub(super) const STATE_PERIOD_MS: u64 = 3_600_000;

/// The state at the end of `history`, in the times of this start.
pub(super) fn fold(history: &[Record], same_machine_boot: bool, now: Now) -> State {
    let mut alarms: BTreeMap<(Option<String>, String), SavedAlarm> = BTreeMap::new();
    let mut batches: BTreeMap<String, SavedBatch> = BTreeMap::new();
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
            }
            Body::Alarm(change) => {
                let key = (common.unit.clone(), change.alarm.clone());
                if change.transition == AlarmTransition::Closed {
                    alarms.remove(&key);
                    continue;
                }
                let before = alarms.get(&key);
                let acknowledged = if change.transition == AlarmTransition::Acknowledged {
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
            Body::Batch(change) => {
                let Some(unit) = common.unit.clone() else { continue };
                let saved = change.to.clone().map(|phase| SavedBatch {
                    unit: unit.clone(),
                    batch: change.batch.clone(),
                    phase,
                    since: here(change.at),
                });
                match saved {
                    Some(saved) => batches.insert(unit, saved),
                    None => batches.remove(&unit),
                };
            }
            Body::Telemetry(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::Event(_)
            | Body::Health(_) => {}
        }
    }
    State {
        alarms: alarms.into_values().collect(),
        batches: batches.into_values().collect(),
        ..State::default()
    }
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

/// A monotonic time of an earlier boot of the machine in the times of this one: only the wall clock
/// spans the two. A wall clock that went back is taken to have stood still.
fn rebase(at: Mono, common: &Common, now: Now) -> Mono {
    let between_ns = i128::from(now.utc.0.saturating_sub(common.utc.0).max(0));
    let here = i128::from(now.mono.0) + i128::from(at.0) - i128::from(common.mono.0) - between_ns;
    Mono(u64::try_from(here.max(0)).unwrap_or(u64::MAX)).floor_ms()
}

impl Agent {
    /// Takes the state of before the restart.
    pub(super) fn restore(&mut self, state: State) {
        for batch in state.batches {
            if let Some(unit) = self.units.iter_mut().find(|unit| unit.id == batch.unit) {
                unit.batch.open = Some((batch.batch, batch.phase));
            }
        }
        self.alarms.restore(&state.alarms);
        for unit in &mut self.units {
            let its = state.alarms.iter().filter(|alarm| alarm.unit.as_ref() == Some(&unit.id));
            unit.restore(its.cloned().collect());
        }
    }

    /// Writes the state record.
    pub(super) fn say_state(&mut self, now: Now) {
        self.next_state = now.mono.plus_ms(STATE_PERIOD_MS);
        let alarms = self.alarms.save().chain(self.units.iter().flat_map(|unit| unit.save()));
        let batches = self.units.iter().filter_map(|unit| {
            let (batch, phase) = unit.batch.open.clone()?;
            Some(SavedBatch { unit: unit.id.clone(), batch, phase, since: now.mono.floor_ms() })
        });
        let state =
            State { alarms: alarms.collect(), batches: batches.collect(), ..State::default() };
        self.recorder.record(Body::State(state), Context::default(), now);
    }
}
