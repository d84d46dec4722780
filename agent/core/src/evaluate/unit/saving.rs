//! What of a unit survives a restart.

use cellwatch_record::{Deviation, EnteredResult, SavedAlarm, SavedBatch};

use super::machine::Unit;
use crate::evaluate::{Beside, OpenBatch, Times};

impl Unit {
    /// What was saved of its alarms before a restart is taken when a Master File comes into force.
    pub(crate) fn restore(
        &mut self,
        alarms: Vec<(SavedAlarm, Beside)>,
        deviations: Vec<Deviation>,
        results: Vec<EnteredResult>,
        times: &Times,
    ) {
        self.saved = alarms;
        self.deviations.restore(deviations);
        self.results.restore(results, &times.results);
    }

    /// The batch that ran before a restart.
    pub(crate) fn restore_batch(&mut self, saved: SavedBatch, times: &Times) {
        let SavedBatch { batch, phase, since, .. } = saved;
        let started = times.batches.get(&self.id).copied().unwrap_or(since);
        self.batch.open = Some(OpenBatch { batch, phase, since, started });
    }

    /// Its alarms for the state record.
    pub(crate) fn save_alarms(&self) -> Vec<SavedAlarm> {
        // What waits for a Master File since the start is not lost by a second start.
        let waiting = self.saved.iter().map(|(saved, _)| saved.clone());
        waiting.chain(self.alarms.iter().filter_map(|alarm| alarm.save(Some(&self.id)))).collect()
    }

    pub(crate) fn save_batch(&self) -> Option<SavedBatch> {
        let OpenBatch { batch, phase, since, .. } = self.batch.open.clone()?;
        Some(SavedBatch { unit: self.id.clone(), batch, phase, since })
    }

    /// Its times that have no place of their own in the state record.
    pub(crate) fn save_times(&self) -> Times {
        let mut times = Times::default();
        let open = self.batch.open.as_ref();
        times.batches.extend(open.map(|open| (self.id.clone(), open.started)));
        times.results.extend(self.results.save_entered());
        for (SavedAlarm { alarm, .. }, beside) in &self.saved {
            times.beside(&self.id, alarm, beside.returned, beside.called);
        }
        for alarm in self.alarms.iter() {
            let returned = alarm.returned().filter(|_| alarm.is_over_unseen());
            let called = Some(alarm.called()).filter(|at| alarm.calls() && *at != alarm.raised());
            times.beside(&self.id, &alarm.id, returned, called);
        }
        times
    }

    pub(crate) fn save_deviations(&self) -> impl Iterator<Item = (String, Deviation)> {
        self.deviations.save().map(|one| (self.id.clone(), one.clone()))
    }

    pub(crate) fn save_results(&self) -> impl Iterator<Item = (String, EnteredResult)> {
        self.results.save().map(|one| (self.id.clone(), one.clone()))
    }
}
