//! Order and duration of a unit's phases, by the Master File.

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::Mono;
use cellwatch_record::{AlarmChange, Batch, BatchChange, Body};

use super::machine::{Unit, UnitOutput};
use crate::evaluate::batch::OpenBatch;
use crate::evaluate::points::{PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN};

const HOUR_MS: f64 = 3_600_000.0;

impl Unit {
    /// Takes a batch change: the frame is cut first, under the batch and phase that it belongs to.
    pub(crate) fn turn(&mut self, change: Batch) -> Vec<UnitOutput> {
        let at = change.at;
        let mut output: Vec<UnitOutput> = self.cut().into_iter().collect();
        let before = self.batch.open.clone();
        self.batch.take(&change);
        let mut changes = self.alarms.phase(self.batch.phase(), at);
        self.deviations.phase(self.alarms.iter(), at);
        changes.extend(self.judge_order(&change, before.as_ref()));
        if change.change == BatchChange::Ended {
            changes.extend(self.no_results_wanted(at));
        }
        // A batch record stands under its own batch, the one that ended included.
        let batch = Some(change.batch.clone());
        let phase = change.to.clone().or_else(|| change.from.clone());
        output.push(UnitOutput { batch, phase, ..self.output(Body::Batch(change)) });
        output.extend(self.say(changes, at));
        output
    }

    fn judge_order(&mut self, change: &Batch, before: Option<&OpenBatch>) -> Vec<AlarmChange> {
        let Some(file) = self.file.clone() else { return Vec::new() };
        let at = change.at;
        let mut changes = self.alarms.set(PHASE_OVERRUN, false, None, at);
        let min_ms = before.and_then(|open| file.phase(&open.phase)?.min_duration_ms);
        if let (Some(open), Some(min_ms)) = (before, min_ms) {
            let lasted_ms = at.ms_since(open.since);
            if lasted_ms < min_ms {
                let note = format!(
                    "{} lasted {:.2} h, at least {:.2} h are due",
                    open.phase,
                    hours(lasted_ms),
                    hours(min_ms)
                );
                changes.extend(self.alarms.pulse(PHASE_UNDERRUN, note, at));
            }
        }
        // An agent that comes to a running batch does not know what went before; that nothing is judged it says all the same.
        let came_late = change.change == BatchChange::Started
            && self.is_led_by_device()
            && !self.batch.saw_idle;
        let is_unknown = change.to.as_deref().is_some_and(|to| file.phase(to).is_none());
        let wrong = wrong_order(&file, change).filter(|_| !came_late || is_unknown);
        if change.change == BatchChange::Ended {
            changes.extend(self.alarms.set(PHASE_ORDER, false, None, at));
            if let Some(note) = wrong {
                changes.extend(self.alarms.pulse(PHASE_ORDER, note, at));
            }
        } else {
            // Another wrong step after a wrong one is another alarm.
            changes.extend(self.alarms.set(PHASE_ORDER, false, None, at));
            if wrong.is_some() {
                changes.extend(self.alarms.set(PHASE_ORDER, true, wrong, at));
            }
        }
        changes
    }

    /// A Master File that does not know the running phase judges nothing that is bound to a phase: it calls, once. One that
    /// knows it again ends that. `before` is the file that judged until now; none after a restart, where what was raised stands.
    pub(super) fn judge_phase_known(
        &mut self,
        before: Option<&MasterFile>,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let (Some(open), Some(file)) = (&self.batch.open, self.file.clone()) else {
            return Vec::new();
        };
        let phase = open.phase.clone();
        let was_known = before.map(|before| before.phase(&phase).is_some());
        let is_known = file.phase(&phase).is_some();
        let mut changes = Vec::new();
        if was_known == Some(!is_known) {
            changes.extend(self.alarms.set(PHASE_ORDER, false, None, at));
        }
        if !is_known {
            let note = format!(
                "{phase} is no phase of the Master File, version {}: what is bound to a phase is not judged",
                file.version
            );
            changes.extend(self.alarms.set(PHASE_ORDER, true, Some(note), at));
        }
        changes
    }

    /// When the phase lasts too long; none once that is known.
    pub(super) fn overrun_due(&self) -> Option<Mono> {
        let open = self.batch.open.as_ref()?;
        let max_ms = self.file.as_ref()?.phase(&open.phase)?.max_duration_ms?;
        let is_known = self.alarms.iter().any(|one| one.id == PHASE_OVERRUN && one.is_active());
        (!is_known).then(|| open.since.plus_ms(max_ms))
    }

    /// Raises the alarm on a phase that lasts too long, and ends it where a new Master File gives it more time.
    pub(super) fn overrun(&mut self, at: Mono) -> Vec<AlarmChange> {
        let Some(open) = self.batch.open.clone() else { return Vec::new() };
        let phase = self.file.as_ref().and_then(|file| file.phase(&open.phase));
        let Some(max_ms) = phase.and_then(|phase| phase.max_duration_ms) else {
            return self.alarms.set(PHASE_OVERRUN, false, None, at);
        };
        let holds = open.since.plus_ms(max_ms) <= at;
        let note = || format!("{} lasts longer than {:.2} h", open.phase, hours(max_ms));
        let is_active = self.alarms.iter().any(|one| one.id == PHASE_OVERRUN && one.is_active());
        if holds == is_active {
            return Vec::new();
        }
        self.alarms.set(PHASE_OVERRUN, holds, holds.then(note), at)
    }

    /// When the Master File begins the next phase by itself, and which.
    fn next_phase_due(&self) -> Option<(Mono, String)> {
        if self.is_led_by_device() || self.is_replay {
            return None;
        }
        let open = self.batch.open.as_ref()?;
        let file = self.file.as_ref()?;
        let timed = file.following(&open.phase).into_iter().filter_map(|next| {
            let after_ms = file.phase(next)?.after_ms?;
            Some((open.since.plus_ms(after_ms), next.to_owned()))
        });
        timed.min_by_key(|(due, _)| *due)
    }

    pub(super) fn phase_due(&self) -> Option<Mono> {
        self.next_phase_due().map(|(due, _)| due)
    }

    /// Goes on to the next phase where the Master File says so.
    pub(super) fn next_phase(&mut self, now: Mono) -> Vec<UnitOutput> {
        let Some((_, next)) = self.next_phase_due().filter(|(due, _)| *due <= now) else {
            return Vec::new();
        };
        let change = self.batch.phase_change(&next, now);
        change.map(|change| self.turn(change)).unwrap_or_default()
    }
}

/// Why the step is not as the Master File has it; none where it is.
fn wrong_order(file: &MasterFile, change: &Batch) -> Option<String> {
    let known = |phase: &str| file.phase(phase).is_some();
    if let Some(to) = change.to.as_deref().filter(|to| !known(to)) {
        return Some(format!("{to} is no phase of the Master File"));
    }
    let following =
        change.from.as_deref().filter(|from| known(from)).map(|from| file.following(from));
    let (expected, found) = match (change.change, &following, &change.to) {
        (BatchChange::Started, _, Some(to)) => {
            let first = file.phases.first()?;
            (vec![first.id.as_str()], to.as_str())
        }
        (BatchChange::Phase, Some(following), Some(to)) => (following.clone(), to.as_str()),
        (BatchChange::Ended, Some(following), None) if !following.is_empty() => {
            let from = change.from.as_deref().unwrap_or_default();
            return Some(format!(
                "the batch ended in {from}; {} was to follow",
                following.join(" or ")
            ));
        }
        // After a phase that nobody knows, any known one is right.
        _ => return None,
    };
    if expected.contains(&found) {
        return None;
    }
    let from = change.from.as_deref().unwrap_or("the start");
    let expected = if expected.is_empty() { "the end".to_owned() } else { expected.join(" or ") };
    Some(format!("{found} came after {from}, where {expected} was to follow"))
}

#[allow(clippy::cast_precision_loss)] // a year of milliseconds
fn hours(ms: u64) -> f64 {
    ms as f64 / HOUR_MS
}
