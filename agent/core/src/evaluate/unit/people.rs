//! What people do with a unit: alarms, batch and phase, results.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{EnteredResult, Person};

use super::machine::{Unit, UnitOutput};
use crate::evaluate::batch::{own_batch_id, started};
use crate::evaluate::{NewResult, Request, check_batch_id};

impl Unit {
    /// Does what a person asks of an alarm.
    pub(crate) fn request(
        &mut self,
        alarm: &str,
        request: Request,
        person: Person,
        comment: String,
        at: Mono,
    ) -> Result<Vec<UnitOutput>, String> {
        let changes = self.alarms.request(alarm, request, (person, comment), at);
        let changes = changes.map_err(|why| format!("unit {}: {why}", self.id))?;
        Ok(self.say(changes, at))
    }

    /// A person starts a batch; an empty id asks for the agent's own.
    pub(crate) fn start_batch(&mut self, id: &str, now: Now) -> Result<Vec<UnitOutput>, String> {
        self.must_be_led_by_people()?;
        if let Some(open) = self.batch.batch() {
            return Err(format!("batch {open} runs in unit {}: end it first", self.id));
        }
        let file = self.file.as_ref();
        let file = file.ok_or("no Master File is in force: a batch cannot be started")?;
        if now.clock.sync.is_trusted() && now.utc >= file.expires {
            return Err("the Master File has expired: no batch may start under it".to_owned());
        }
        let first = file.phases.first().ok_or("the Master File has no phase")?.id.clone();
        let id = if id.is_empty() { own_batch_id(&self.id, now) } else { id.to_owned() };
        check_batch_id(&self.id, &id)?;
        Ok(self.turn(started(id, &first, now.mono.floor_ms())))
    }

    /// A person ends the batch.
    pub(crate) fn end_batch(&mut self, at: Mono) -> Result<Vec<UnitOutput>, String> {
        self.must_be_led_by_people()?;
        let change = self.batch.end(at);
        let change = change.ok_or_else(|| format!("no batch runs in unit {}", self.id))?;
        Ok(self.turn(change))
    }

    /// A person goes on to a phase.
    pub(crate) fn set_phase(
        &mut self,
        phase: &str,
        may_skip: bool,
        at: Mono,
    ) -> Result<Vec<UnitOutput>, String> {
        self.must_be_led_by_people()?;
        let open = self.batch.open.as_ref();
        let open = open.ok_or_else(|| format!("no batch runs in unit {}", self.id))?;
        let file = self.file.as_ref().ok_or("no Master File is in force: it has no phases")?;
        if file.phase(phase).is_none() {
            return Err(format!("the Master File has no phase {phase}"));
        }
        if open.phase == phase {
            return Err(format!("the batch is in {phase} already"));
        }
        if !may_skip && !file.following(&open.phase).contains(&phase) {
            return Err(format!(
                "{phase} does not follow {}: only a supervisor may go on to it",
                open.phase
            ));
        }
        let change = self.batch.phase_change(phase, at);
        Ok(change.map(|change| self.turn(change)).unwrap_or_default())
    }

    fn must_be_led_by_people(&self) -> Result<(), String> {
        if self.is_led_by_device() {
            return Err(format!(
                "the device of unit {} says batch and phase itself: lead the run there",
                self.id
            ));
        }
        Ok(())
    }

    /// A person enters a result.
    pub(crate) fn enter_result(
        &mut self,
        new: &NewResult,
        said: (&Person, &str),
        now: Now,
    ) -> Result<Vec<UnitOutput>, String> {
        let file = self.file.clone().ok_or_else(no_file)?;
        let result = self.results.enter(&self.id, &file, new, said, now)?;
        Ok(self.say_result(result))
    }

    /// A second person confirms a result.
    pub(crate) fn confirm_result(
        &mut self,
        id: &str,
        person: &Person,
        at: Mono,
    ) -> Result<Vec<UnitOutput>, String> {
        let result = self.results.confirm(id, person, at)?;
        Ok(self.say_result(result))
    }

    /// A person corrects a result.
    pub(crate) fn correct_result(
        &mut self,
        id: &str,
        value: f64,
        said: (&Person, &str),
        at: Mono,
    ) -> Result<Vec<UnitOutput>, String> {
        let file = self.file.clone().ok_or_else(no_file)?;
        let result = self.results.correct(&file, id, value, said, at)?;
        Ok(self.say_result(result))
    }

    /// A result of the unit, for the action record.
    pub(crate) fn result(&self, id: &str) -> Option<&EnteredResult> {
        self.results.save().find(|one| one.id == id)
    }
}

fn no_file() -> String {
    "no Master File is in force: nothing says what may be entered".to_owned()
}
