//! Times of units that survive a restart beside what the state record has places of its own for.
//!
//! They stand in its free map of what is counted, each under a name, as nanoseconds of the monotonic clock: when a batch
//! began, when a result was first entered, when an excursion was over that nobody has seen yet, when an alarm that nobody
//! has acknowledged last began to call again.

use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, Mono};
use cellwatch_record::{AlarmChange, Batch, Datum, EnteredResult, SavedBatch};

use super::alarm_point::is_calling;

const BATCH: &str = "batch-began.";
const RESULT: &str = "result-entered.";
const RETURNED: &str = "returned.";
const CALLED: &str = "called.";

/// Times of units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// By unit: when its batch began.
    pub(crate) batches: BTreeMap<String, Mono>,
    /// By the id of a result: when it was entered first.
    pub(crate) results: BTreeMap<String, Mono>,
    /// By unit and alarm: when its last excursion was over.
    pub(crate) returned: BTreeMap<(String, String), Mono>,
    /// By unit and alarm: when it last began to call again.
    pub(crate) called: BTreeMap<(String, String), Mono>,
}

impl Times {
    /// What a state record holds of them, moved by `here`.
    pub(crate) fn read(counted: &BTreeMap<String, Datum>, here: impl Fn(Mono) -> Mono) -> Self {
        let mut times = Self::default();
        for (key, saved) in counted {
            let Datum::Integer(ns) = saved else { continue };
            let Ok(ns) = u64::try_from(*ns) else { continue };
            let at = here(Mono(ns));
            if let Some(unit) = key.strip_prefix(BATCH) {
                times.batches.insert(unit.to_owned(), at);
            } else if let Some(id) = key.strip_prefix(RESULT) {
                times.results.insert(id.to_owned(), at);
            } else if let Some(of) = of_alarm(key, RETURNED) {
                times.returned.insert(of, at);
            } else if let Some(of) = of_alarm(key, CALLED) {
                times.called.insert(of, at);
            }
        }
        times
    }

    /// Puts them among what is counted, instead of those that are there.
    pub(crate) fn write(&self, counted: &mut BTreeMap<String, Datum>) {
        let own = [BATCH, RESULT, RETURNED, CALLED];
        counted.retain(|key, _| !own.iter().any(|own| key.starts_with(own)));
        let batches = self.batches.iter().map(|(unit, at)| (format!("{BATCH}{unit}"), at));
        let results = self.results.iter().map(|(id, at)| (format!("{RESULT}{id}"), at));
        let alarms = [(RETURNED, &self.returned), (CALLED, &self.called)];
        let alarms = alarms.into_iter().flat_map(|(name, all)| {
            all.iter().map(move |((unit, alarm), at)| (format!("{name}{unit}/{alarm}"), at))
        });
        let all = batches.chain(results).chain(alarms);
        counted.extend(all.map(|(key, at)| (key, Datum::from(at.0))));
    }

    /// A batch record; `saved` is what runs after it.
    pub(crate) fn batch(&mut self, unit: &str, change: &Batch, saved: Option<&SavedBatch>) {
        match saved {
            None => {
                self.batches.remove(unit);
            }
            Some(saved) if change.from.is_none() => {
                self.batches.insert(unit.to_owned(), saved.since);
            }
            Some(_) => {}
        }
    }

    /// A result record; `known` is the result as it was before it.
    pub(crate) fn result(&mut self, result: &EnteredResult, known: Option<&EnteredResult>) {
        let first = known.map_or(result.at, |known| known.at);
        self.results.entry(result.id.clone()).or_insert(first);
    }

    /// An alarm record at `at`.
    pub(crate) fn alarm(&mut self, unit: Option<&str>, change: &AlarmChange, at: Mono) {
        let Some(unit) = unit else { return };
        let key = (unit.to_owned(), change.alarm.clone());
        if change.transition == AlarmTransition::Returned {
            self.returned.insert(key.clone(), at);
        }
        let begins = matches!(change.transition, AlarmTransition::Raised | AlarmTransition::Closed);
        if begins {
            self.returned.remove(&key);
        }
        let calls_again = matches!(
            change.transition,
            AlarmTransition::ReAlarmed
                | AlarmTransition::Unsuppressed
                | AlarmTransition::Unshelved
                | AlarmTransition::ReturnedToService
        );
        if begins || !is_calling(change.state) {
            self.called.remove(&key);
        } else if calls_again {
            self.called.insert(key, at);
        }
    }

    /// What a unit knows of one of its alarms.
    pub(crate) fn beside(
        &mut self,
        unit: &str,
        alarm: &str,
        returned: Option<Mono>,
        called: Option<Mono>,
    ) {
        let key = || (unit.to_owned(), alarm.to_owned());
        self.returned.extend(returned.map(|at| (key(), at)));
        self.called.extend(called.map(|at| (key(), at)));
    }

    /// Those of another time join these.
    pub(crate) fn extend(&mut self, other: Self) {
        self.batches.extend(other.batches);
        self.results.extend(other.results);
        self.returned.extend(other.returned);
        self.called.extend(other.called);
    }
}

/// The unit and the alarm that a name of this kind is about.
fn of_alarm(key: &str, kind: &str) -> Option<(String, String)> {
    let (unit, alarm) = key.strip_prefix(kind)?.split_once('/')?;
    Some((unit.to_owned(), alarm.to_owned()))
}
