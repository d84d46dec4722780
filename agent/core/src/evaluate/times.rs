//! Times of units that survive a restart beside what the state record has places of its own for.
//!
//! They stand in its free map of what is counted, each under a name, as nanoseconds of the monotonic clock: when a batch
//! began, when a result was first entered, when an excursion was over that nobody has seen yet.

use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, Mono};
use cellwatch_record::{AlarmChange, Batch, Datum, EnteredResult, SavedBatch};

const BATCH: &str = "batch-began.";
const RESULT: &str = "result-entered.";
const RETURNED: &str = "returned.";

/// Times of units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// By unit: when its batch began.
    pub(crate) batches: BTreeMap<String, Mono>,
    /// By the id of a result: when it was entered first.
    pub(crate) results: BTreeMap<String, Mono>,
    /// By unit and alarm: when its last excursion was over.
    pub(crate) returned: BTreeMap<(String, String), Mono>,
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
            } else if let Some((unit, alarm)) =
                key.strip_prefix(RETURNED).and_then(|key| key.split_once('/'))
            {
                times.returned.insert((unit.to_owned(), alarm.to_owned()), at);
            }
        }
        times
    }

    /// Puts them among what is counted, instead of those that are there.
    pub(crate) fn write(&self, counted: &mut BTreeMap<String, Datum>) {
        counted.retain(|key, _| ![BATCH, RESULT, RETURNED].iter().any(|own| key.starts_with(own)));
        let batches = self.batches.iter().map(|(unit, at)| (format!("{BATCH}{unit}"), at));
        let results = self.results.iter().map(|(id, at)| (format!("{RESULT}{id}"), at));
        let returned = self.returned.iter();
        let returned =
            returned.map(|((unit, alarm), at)| (format!("{RETURNED}{unit}/{alarm}"), at));
        counted.extend(
            batches.chain(results).chain(returned).map(|(key, at)| (key, Datum::from(at.0))),
        );
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

    /// A result record at `at`; `known` is the result as it was before it.
    pub(crate) fn result(&mut self, result: &EnteredResult, known: Option<&EnteredResult>) {
        let first = known.map_or(result.at, |known| known.at);
        self.results.entry(result.id.clone()).or_insert(first);
    }

    /// An alarm record at `at`.
    pub(crate) fn alarm(&mut self, unit: Option<&str>, change: &AlarmChange, at: Mono) {
        let Some(unit) = unit else { return };
        let key = (unit.to_owned(), change.alarm.clone());
        if change.transition == AlarmTransition::Returned {
            self.returned.insert(key, at);
        } else if matches!(change.transition, AlarmTransition::Raised | AlarmTransition::Closed) {
            self.returned.remove(&key);
        }
    }

    /// Those of another time join these.
    pub(crate) fn extend(&mut self, other: Self) {
        self.batches.extend(other.batches);
        self.results.extend(other.results);
        self.returned.extend(other.returned);
    }
}
