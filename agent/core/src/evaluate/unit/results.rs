//! Results that people enter, judged as any parameter.

use cellwatch_model::{Cause, Mono, Quality};
use cellwatch_record::{AlarmChange, Body, EnteredResult};

use super::machine::{Unit, UnitOutput};
use crate::evaluate::watch::Judged;

impl Unit {
    /// A result was entered, confirmed or corrected: on record, and judged if it is the latest that counts.
    pub(super) fn say_result(&mut self, result: EnteredResult) -> Vec<UnitOutput> {
        let at = result.at;
        let is_latest =
            self.results.latest(&result.parameter).is_some_and(|one| one.id == result.id);
        let changes = if is_latest { self.judge_result(&result) } else { Vec::new() };
        let mut output: Vec<UnitOutput> = self.cut().into_iter().collect();
        output.push(self.output(Body::Result(result)));
        output.extend(self.say(changes, at));
        output
    }

    /// A recorded result, for a replay.
    pub(crate) fn result_again(&mut self, result: &EnteredResult) -> Vec<UnitOutput> {
        self.results.take(result);
        self.say_result(result.clone())
    }

    fn judge_result(&mut self, result: &EnteredResult) -> Vec<AlarmChange> {
        let found = self.manual.iter().position(|one| one.name == result.parameter);
        let Some(index) = found else { return Vec::new() };
        self.manual[index].is_overdue = false;
        let index = self.parameters.len() + index;
        self.deviations.reading(index, &result.parameter, Some(result.value), result.at);
        self.alarms.reading(index, Judged::Number(result.value), Quality::Good, result.at)
    }

    /// What people enter here: parameter, when the next result is due, whether it is overdue, the latest that counts.
    pub(crate) fn entered(
        &self,
    ) -> impl Iterator<Item = (&str, Option<Mono>, bool, Option<&EnteredResult>)> {
        self.manual.iter().enumerate().map(|(index, one)| {
            (one.name.as_str(), self.due_of(index), one.is_overdue, self.results.latest(&one.name))
        })
    }

    /// The results that can still be confirmed or corrected, oldest first.
    pub(crate) fn results(&self) -> impl Iterator<Item = &EnteredResult> {
        self.results.save()
    }

    /// The deviation candidates that are open.
    pub(crate) fn deviations(&self) -> impl Iterator<Item = &cellwatch_record::Deviation> {
        self.deviations.save()
    }

    fn due_of(&self, index: usize) -> Option<Mono> {
        let manual = &self.manual[index];
        let open = self.batch.open.as_ref().filter(|_| !manual.is_overdue)?;
        let last = self.results.last_entered(&manual.name).unwrap_or(open.started);
        // A file that wants results sooner makes nothing late before it judges.
        Some(last.max(open.started).plus_ms(manual.due_after_ms).max(self.file_since))
    }

    /// When a result is due.
    pub(super) fn result_due(&self) -> Option<Mono> {
        (0..self.manual.len()).filter_map(|index| self.due_of(index)).min()
    }

    /// What was due and did not come is silence, and said so (LAW-02).
    pub(super) fn results_overdue(&mut self, now: Mono) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        for index in 0..self.manual.len() {
            if self.due_of(index).is_some_and(|due| due <= now) {
                self.manual[index].is_overdue = true;
                let quality = Quality::Bad(Cause::Stale);
                let place = self.parameters.len() + index;
                changes.extend(self.alarms.reading(place, Judged::Nothing, quality, now));
            }
        }
        changes
    }

    /// Outside a batch nobody waits for results, whether they are still overdue by the Master File of now or not.
    pub(super) fn no_results_wanted(&mut self, at: Mono) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        for index in 0..self.manual.len() {
            self.manual[index].is_overdue = false;
            let alarm = format!("{}.BAD", self.manual[index].name);
            changes.extend(self.alarms.set(&alarm, false, None, at));
        }
        changes
    }
}
