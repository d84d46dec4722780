//! What the figures are after a restart.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{AlarmChange, Batch, Datum, SavedAlarm};

use super::stream::{AlarmMetrics, FLOOD_ABOVE, is_annunciation, name};
use super::tally::Tally;
use crate::evaluate::alarm_point::{isa_state, saved_regions};

/// Annunciations of the last ten minutes that the state record holds; in a worse flood the rate is this after a
/// restart.
const SAVED_WINDOW_MAX: usize = 64;

const MONTH: &str = "month";
const BATCH: &str = "batch.";
const WINDOW: &str = "window";
const FLOOD: &str = "flood";

/// What was saved, with its times moved to another boot's by `here`.
pub(crate) fn moved(
    saved: &BTreeMap<String, Datum>,
    here: impl Fn(Mono) -> Mono,
) -> BTreeMap<String, Datum> {
    let mut saved = saved.clone();
    for key in [WINDOW, FLOOD] {
        if let Some(times) = saved.get_mut(key) {
            *times = list(read(times).map(&here));
        }
    }
    saved
}

impl AlarmMetrics {
    /// For the state record.
    pub(crate) fn save(&self) -> BTreeMap<String, Datum> {
        let pair = |name: &str, tally: &Tally| Datum::List(vec![Datum::from(name), tally.save()]);
        let batches = self.batches.iter();
        let batches =
            batches.map(|(unit, (batch, tally))| (format!("{BATCH}{unit}"), pair(batch, tally)));
        let older = self.window.len().saturating_sub(SAVED_WINDOW_MAX);
        let others = [
            (MONTH.to_owned(), pair(&self.month.0, &self.month.1)),
            (WINDOW.to_owned(), list(self.window.iter().skip(older).copied())),
            (FLOOD.to_owned(), list(self.flood.into_iter())),
        ];
        batches.chain(others).collect()
    }

    /// As it was before a restart, with the alarms that stand.
    pub(crate) fn restore(&mut self, saved: &BTreeMap<String, Datum>, alarms: &[SavedAlarm]) {
        for (key, saved) in saved {
            match key.as_str() {
                WINDOW => self.window = read(saved).collect(),
                FLOOD => self.flood = read(saved).next(),
                _ => self.restore_tally(key, saved),
            }
        }
        for alarm in alarms {
            self.stands(alarm);
        }
    }

    fn restore_tally(&mut self, key: &str, saved: &Datum) {
        let Datum::List(pair) = saved else { return };
        let [Datum::Text(name), tally] = &pair[..] else { return };
        let restored = (name.clone(), Tally::restored(tally));
        if key == MONTH {
            self.month = restored;
        } else if let Some(unit) = key.strip_prefix(BATCH) {
            self.batches.insert(unit.to_owned(), restored);
        }
    }

    /// An alarm stands since before the restart: it grows stale, and whoever answers it answers that call.
    fn stands(&mut self, saved: &SavedAlarm) {
        let Some(regions) = saved_regions(saved) else { return };
        let track = self.alarms.entry(name(saved.unit.as_deref(), &saved.alarm)).or_default();
        track.unit.clone_from(&saved.unit);
        track.stands(isa_state(&regions), saved.raised);
    }

    /// Counts a change from before a restart again, at `at` of this boot: what the latest state record does not hold
    /// yet.
    pub(crate) fn recount(
        &mut self,
        unit: Option<&str>,
        batch: Option<&str>,
        change: &AlarmChange,
        (at, utc): (Mono, Utc),
    ) {
        self.turn_over(unit, batch, utc);
        if !is_annunciation(change) {
            return;
        }
        // What ended meanwhile was said then.
        let _said = self.elapse(at);
        self.remember(at);
        let in_10_min = self.window.len();
        let id = name(unit, &change.alarm);
        self.tallies(unit, |tally| tally.annunciated(&id, change.priority, in_10_min as u64));
        if self.flood.is_none() && in_10_min > FLOOD_ABOVE {
            self.flood_began(at);
        }
    }

    /// The batches that ran when the latest state record was written, with their beginnings.
    pub(crate) fn running(&mut self, batches: impl Iterator<Item = (String, Mono)>) {
        self.running = batches.collect();
    }

    /// A batch record from after the latest state record.
    pub(crate) fn recount_batch(
        &mut self,
        unit: Option<&str>,
        change: &Batch,
        (at, utc): (Mono, Utc),
    ) {
        let _said = self.elapse(at);
        if let Some(unit) = unit {
            self.batch(unit, change, at, utc);
        }
    }
}

fn list(times: impl Iterator<Item = Mono>) -> Datum {
    Datum::List(times.map(|time| Datum::from(time.0)).collect())
}

/// The times of a list; what is no time is left out.
fn read(saved: &Datum) -> impl Iterator<Item = Mono> {
    let list = if let Datum::List(list) = saved { &list[..] } else { &[] };
    list.iter().filter_map(|datum| match datum {
        Datum::Integer(number) => u64::try_from(*number).ok().map(Mono),
        Datum::Text(_) | Datum::Number(_) | Datum::Bool(_) | Datum::Bytes(_) | Datum::List(_) => {
            None
        }
    })
}
