//! What people do: every attempt is an action record, carried out or refused (LAW-11).

use cellwatch_model::Now;
use cellwatch_record::{Action, AlarmChange, Body, Person};

use super::Agent;
use crate::door::{Asked, OperatorAction};
use crate::evaluate::{Duty, Request, Role, UnitOutput};
use crate::journal::Context;

/// What became of an action.
type Done = Result<Said, String>;

/// What machines say to an action.
enum Said {
    Unit(usize, Vec<UnitOutput>),
    Agent(AlarmChange),
}

/// What an action record says besides the person.
struct Words {
    what: &'static str,
    unit: Option<String>,
    target: String,
    old: Option<String>,
    new: Option<String>,
}

impl Agent {
    pub(super) fn operator(&mut self, action: OperatorAction, now: Now) {
        let OperatorAction { person, what, comment } = action;
        let mut words = self.words(&what);
        let done = self.do_what_is_asked(what, &person, &comment, now);
        let refusal = done.as_ref().err().cloned();
        if words.what == "start batch" {
            // A refused id may name a patient: it is repeated nowhere.
            words.new = match &done {
                Ok(Said::Unit(unit, _)) => self.units[*unit].batch.batch().map(str::to_owned),
                Ok(Said::Agent(_)) | Err(_) => None,
            };
        }
        let Words { what, unit, target, old, new } = words;
        let what = what.to_owned();
        let body =
            Body::Action(Action { person, what, target, reason: comment, old, new, refusal });
        let context = Context { unit: unit.as_deref(), ..Context::default() };
        self.recorder.record(body, context, now);
        match done {
            Ok(Said::Unit(unit, said)) => {
                self.unit_said(unit, said, now);
                self.batches_changed(now);
            }
            Ok(Said::Agent(change)) => self.agent_changed([change], now),
            Err(_) => {}
        }
    }

    fn words(&self, asked: &Asked) -> Words {
        let of_unit = |what, unit: &String, target: String| Words {
            what,
            unit: Some(unit.clone()),
            target,
            old: None,
            new: None,
        };
        let unit_of = |id: &String| self.units.iter().find(|one| one.id == *id);
        match asked {
            Asked::OfAlarm { unit, alarm, request } => Words {
                what: request.word(),
                unit: unit.clone(),
                target: unit.as_ref().map_or_else(|| alarm.clone(), |id| format!("{id}/{alarm}")),
                old: None,
                new: request.value(),
            },
            Asked::StartBatch { unit, .. } => of_unit("start batch", unit, unit.clone()),
            Asked::EndBatch { unit } => Words {
                old: unit_of(unit).and_then(|unit| unit.batch.batch()).map(str::to_owned),
                ..of_unit("end batch", unit, unit.clone())
            },
            Asked::SetPhase { unit, phase } => Words {
                old: unit_of(unit).and_then(|unit| unit.batch.phase()).map(str::to_owned),
                new: Some(phase.clone()),
                ..of_unit("set phase", unit, unit.clone())
            },
            Asked::EnterResult { unit, result } => Words {
                new: Some(format!("{} {}", result.value, result.unit)),
                ..of_unit("enter result", unit, format!("{unit}/{}", result.parameter))
            },
            Asked::ConfirmResult { unit, result } => Words {
                new: unit_of(unit)
                    .and_then(|unit| unit.result(result))
                    .map(|known| format!("{} {}", known.value, known.unit)),
                ..of_unit("confirm result", unit, result.clone())
            },
            Asked::CorrectResult { unit, result, value } => Words {
                old: unit_of(unit)
                    .and_then(|unit| unit.result(result))
                    .map(|known| format!("{} {}", known.value, known.unit)),
                new: Some(value.to_string()),
                ..of_unit("correct result", unit, result.clone())
            },
        }
    }

    fn do_what_is_asked(&mut self, asked: Asked, person: &Person, comment: &str, now: Now) -> Done {
        let at = now.mono.floor_ms();
        let said = (person, comment);
        let role = Role::from_word(&person.role);
        let has = |duty| role.is_some_and(|role| role.has(duty));
        let must = |duty, what: &str| {
            if has(duty) { Ok(()) } else { Err(format!("the role {} may not {what}", person.role)) }
        };
        match asked {
            Asked::OfAlarm { unit, alarm, request } => {
                self.of_alarm(unit.as_deref(), &alarm, request, person, comment, now)
            }
            Asked::StartBatch { unit, batch } => {
                must(Duty::LeadBatch, "start a batch")?;
                let index = self.unit_index(&unit)?;
                Ok(Said::Unit(index, self.units[index].start_batch(&batch, now)?))
            }
            Asked::EndBatch { unit } => {
                must(Duty::LeadBatch, "end a batch")?;
                let index = self.unit_index(&unit)?;
                Ok(Said::Unit(index, self.units[index].end_batch(at)?))
            }
            Asked::SetPhase { unit, phase } => {
                must(Duty::LeadBatch, "set the phase")?;
                let index = self.unit_index(&unit)?;
                let said = self.units[index].set_phase(&phase, has(Duty::SkipPhase), at)?;
                Ok(Said::Unit(index, said))
            }
            Asked::EnterResult { unit, result } => {
                must(Duty::EnterResults, "enter a result")?;
                let index = self.unit_index(&unit)?;
                Ok(Said::Unit(index, self.units[index].enter_result(&result, said, now)?))
            }
            Asked::ConfirmResult { unit, result } => {
                must(Duty::EnterResults, "confirm a result")?;
                let index = self.unit_index(&unit)?;
                Ok(Said::Unit(index, self.units[index].confirm_result(&result, person, at)?))
            }
            Asked::CorrectResult { unit, result, value } => {
                must(Duty::EnterResults, "correct a result")?;
                let index = self.unit_index(&unit)?;
                let said = self.units[index].correct_result(&result, value, said, at)?;
                Ok(Said::Unit(index, said))
            }
        }
    }

    fn of_alarm(
        &mut self,
        unit: Option<&str>,
        alarm: &str,
        request: Request,
        person: &Person,
        comment: &str,
        now: Now,
    ) -> Done {
        let at = now.mono.floor_ms();
        if !Role::from_word(&person.role).is_some_and(|role| role.may(request)) {
            return Err(format!("the role {} may not {}", person.role, request.word()));
        }
        let (person, comment) = (person.clone(), comment.to_owned());
        let Some(unit) = unit else {
            return self.alarms.request(alarm, request, person, comment, at).map(Said::Agent);
        };
        let index = self.unit_index(unit)?;
        let said = self.units[index].request(alarm, request, person, comment, at)?;
        Ok(Said::Unit(index, said))
    }

    fn unit_index(&self, id: &str) -> Result<usize, String> {
        let found = self.units.iter().position(|unit| unit.id == id);
        found.ok_or_else(|| format!("there is no unit {id}"))
    }
}
