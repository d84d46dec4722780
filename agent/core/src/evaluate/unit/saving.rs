//! What of a unit survives a restart.

use cellwatch_record::{Deviation, EnteredResult, SavedAlarm, SavedBatch};

use super::machine::Unit;
use crate::evaluate::OpenBatch;

impl Unit {
    /// What was saved of its alarms before a restart is taken when a Master File comes into force.
    pub(crate) fn restore(
        &mut self,
        alarms: Vec<SavedAlarm>,
        deviations: Vec<Deviation>,
        results: Vec<EnteredResult>,
    ) {
        self.saved = alarms;
        self.deviations.restore(deviations);
        self.results.restore(results);
    }

    /// The batch that ran before a restart.
    pub(crate) fn restore_batch(&mut self, saved: SavedBatch) {
        let SavedBatch { batch, phase, since, .. } = saved;
        self.batch.open = Some(OpenBatch { batch, phase, since, started: since });
    }

    /// Its alarms for the state record.
    pub(crate) fn save_alarms(&self) -> Vec<SavedAlarm> {
        // What waits for a Master File since the start is not lost by a second start.
        let waiting = self.saved.iter().cloned();
        waiting.chain(self.alarms.iter().filter_map(|alarm| alarm.save(Some(&self.id)))).collect()
    }

    pub(crate) fn save_batch(&self) -> Option<SavedBatch> {
        let OpenBatch { batch, phase, since, .. } = self.batch.open.clone()?;
        Some(SavedBatch { unit: self.id.clone(), batch, phase, since })
    }

    pub(crate) fn save_deviations(&self) -> impl Iterator<Item = (String, Deviation)> {
        self.deviations.save().map(|one| (self.id.clone(), one.clone()))
    }

    pub(crate) fn save_results(&self) -> impl Iterator<Item = (String, EnteredResult)> {
        self.results.save().map(|one| (self.id.clone(), one.clone()))
    }
}
