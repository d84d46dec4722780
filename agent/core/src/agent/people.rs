//! What people do: every attempt is an action record, carried out or refused (LAW-11).

use cellwatch_model::Now;
use cellwatch_record::{Action, AlarmChange, Body, Person};

use super::Agent;
use super::restart::{COMMENT, SILENCE};
use crate::door::{Asked, Confirmed, OperatorAction, Output};
use crate::evaluate::{AlarmPoint, Duty, Request, Role, UnitOutput};
use crate::journal::Context;
use crate::serve::{Annunciator, Remembered, needs_confirmation};

/// What an acknowledgement of a critical alarm lacks: the shell asks for it and tries again.
pub const NOT_CONFIRMED: &str = "give your password again to acknowledge it";

/// The word of the action that marks a stretch of the trail as reviewed.
const REVIEW: &str = "review";

/// What became of an action.
type Done = Result<Said, String>;

/// What machines say to an action.
enum Said {
    Unit(usize, Vec<UnitOutput>),
    Agent(AlarmChange),
    /// The action's record is all there is.
    Nothing,
    Outside(Output),
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
        let OperatorAction { person, what, comment, confirmed } = action;
        let mut words = self.words(&what);
        let about = about_alarm(&what);
        let context = self.context_of(words.unit.as_deref());
        let done = self.do_what_is_asked(what, &person, (&comment, &confirmed), now);
        let refusal = done.as_ref().err().cloned();
        if words.what == "start batch" {
            // A refused id may name a patient: it is repeated nowhere.
            words.new = match &done {
                Ok(Said::Unit(unit, _)) => self.units[*unit].batch.batch().map(str::to_owned),
                Ok(Said::Agent(_) | Said::Outside(_) | Said::Nothing) | Err(_) => None,
            };
        }
        if words.what == REVIEW && done.is_err() {
            // So may what is no batch.
            words.target = whole_trail(words.unit.as_deref());
        }
        if let Confirmed::Yes { refused_before: count @ 1.. } = confirmed {
            let told = format!("{count} attempts were refused before while locked");
            words.old.get_or_insert(told);
        }
        let Words { what, unit, target, old, new } = words;
        if let Some((unit, alarm)) = about.filter(|_| done.is_ok()) {
            let (person, what, comment) = (person.clone(), what.to_owned(), comment.clone());
            let said = Remembered { person, what, comment, at: now.utc };
            let occurrence = self.alarm(unit.as_deref(), &alarm).map(AlarmPoint::occurrence);
            self.remarks.did(unit.as_deref(), &alarm, occurrence.unwrap_or_default(), said);
        }
        self.viewing.has_changed();
        let what = what.to_owned();
        let body =
            Body::Action(Action { person, what, target, reason: comment, old, new, refusal });
        let (batch, phase) = context;
        let context =
            Context { unit: unit.as_deref(), batch: batch.as_deref(), phase: phase.as_deref() };
        self.recorder.record(body, context, now);
        match done {
            Ok(Said::Unit(unit, said)) => {
                self.unit_said(unit, said, now);
                self.batches_changed(now);
            }
            Ok(Said::Agent(change)) => self.agent_changed([change], now),
            Ok(Said::Outside(output)) => self.outputs.push_back(output),
            Ok(Said::Nothing) | Err(_) => {}
        }
    }

    /// Batch and phase of a unit before an action, so that the action stands with what it was about.
    fn context_of(&self, unit: Option<&str>) -> (Option<String>, Option<String>) {
        let found = self.units.iter().find(|one| Some(one.id.as_str()) == unit);
        let open = found.and_then(|unit| unit.batch.open.as_ref());
        (open.map(|open| open.batch.clone()), open.map(|open| open.phase.clone()))
    }

    fn words(&self, asked: &Asked) -> Words {
        let of_unit = |what, unit: &String, target: String| Words {
            what,
            unit: Some(unit.clone()),
            target,
            old: None,
            new: None,
        };
        let of_site = |what, target: &str| Words {
            what,
            unit: None,
            target: target.to_owned(),
            old: None,
            new: None,
        };
        let unit_of = |id: &String| self.units.iter().find(|one| one.id == *id);
        match asked {
            Asked::OfAlarm { unit, alarm, request } => Words {
                what: request.word(),
                unit: unit.clone(),
                target: target(unit.as_deref(), Some(alarm)),
                old: None,
                new: request.value(),
            },
            Asked::Comment { unit, alarm } => Words {
                what: COMMENT,
                unit: unit.clone(),
                target: target(unit.as_deref(), alarm.as_deref()),
                old: None,
                new: None,
            },
            Asked::Review { unit, batch, first_seq, last_seq, only } => Words {
                what: REVIEW,
                unit: unit.clone(),
                target: batch.clone().unwrap_or_else(|| whole_trail(unit.as_deref())),
                old: None,
                new: Some(if only.is_empty() {
                    format!("seq {first_seq} to {last_seq}")
                } else {
                    format!("seq {first_seq} to {last_seq}, only {only}")
                }),
            },
            Asked::Account { step, account, old, new, .. } => Words {
                what: step.word(),
                unit: None,
                target: account.clone(),
                old: old.clone(),
                new: new.clone(),
            },
            Asked::SilenceHorn { annunciator } => {
                let horns: Vec<&str> =
                    self.sounding(annunciator.as_deref()).map(Annunciator::id).collect();
                let asked = annunciator.clone().unwrap_or_default();
                let meant = if horns.is_empty() { asked } else { horns.join(", ") };
                Words {
                    new: Some(meant).filter(|meant| !meant.is_empty()),
                    ..of_site(SILENCE, "horn")
                }
            }
            Asked::TestRoute { route } => of_site("test a route", route),
            Asked::TestAnnunciators => of_site("test the lights and horn", "annunciators"),
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
            Asked::TrustCertificate { server, certificate, at_machine, .. } => Words {
                what: "trust certificate",
                unit: None,
                target: server.clone(),
                old: Some(format!("at this machine: {at_machine}")),
                new: Some(certificate.clone()),
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

    fn do_what_is_asked(
        &mut self,
        asked: Asked,
        person: &Person,
        (comment, confirmed): (&str, &Confirmed),
        now: Now,
    ) -> Done {
        let at = now.mono.floor_ms();
        let said = (person, comment);
        let role = Role::from_word(&person.role);
        let has = |duty| role.is_some_and(|role| role.has(duty));
        let must = |duty, what: &str| {
            if has(duty) { Ok(()) } else { Err(format!("the role {} may not {what}", person.role)) }
        };
        if let Confirmed::Refused(why) = confirmed {
            // Who may not do it at all is told that.
            if let Asked::OfAlarm { request, .. } = &asked {
                may_ask(person, *request)?;
            }
            return Err(why.clone());
        }
        match asked {
            Asked::OfAlarm { unit, alarm, request } => {
                self.may_answer(unit.as_deref(), &alarm, request, person, (comment, confirmed))?;
                self.of_alarm(unit.as_deref(), &alarm, request, person, comment, now)
            }
            Asked::Comment { unit, alarm } => {
                must(Duty::Comment, "comment")?;
                self.comment(unit.as_deref(), alarm.as_deref(), comment)?;
                Ok(Said::Nothing)
            }
            Asked::Review { unit, first_seq, last_seq, .. } => {
                must(Duty::Review, "mark the audit trail as reviewed")?;
                if let Some(unit) = unit {
                    self.unit_index(&unit)?;
                }
                let head = self.recorder.head().seq;
                if first_seq == 0 || first_seq > last_seq || last_seq > head {
                    return Err(format!(
                        "there are records 1 to {head}: {first_seq} to {last_seq} is no part of them"
                    ));
                }
                if comment.trim().is_empty() {
                    return Err("a review needs a comment: say what was looked at".to_owned());
                }
                Ok(Said::Nothing)
            }
            Asked::Account { step, refused, .. } => {
                // Who fails to log in is not yet anybody: the refusal counts.
                if let Some(refused) = refused {
                    return Err(refused);
                }
                must(step.duty(), step.word())?;
                if step.duty() == Duty::ManageAccounts && comment.trim().is_empty() {
                    return Err("a change of people needs a reason".to_owned());
                }
                Ok(Said::Nothing)
            }
            Asked::SilenceHorn { annunciator } => {
                must(Duty::HandleAnnunciation, "silence the horn")?;
                self.silence(annunciator.as_deref(), person, now).map(|()| Said::Nothing)
            }
            Asked::TestRoute { route } => {
                must(Duty::HandleAnnunciation, "test a route")?;
                self.test_route(&route, now).map(|()| Said::Nothing)
            }
            Asked::TestAnnunciators => {
                must(Duty::HandleAnnunciation, "test the lights and horn")?;
                self.test_annunciators(now.mono).map(|()| Said::Nothing)
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
            Asked::TrustCertificate { server, thumbprint, .. } => {
                must(Duty::ManageAccounts, "trust a certificate")?;
                Ok(Said::Outside(Output::TrustCertificate { server, thumbprint }))
            }
            Asked::CorrectResult { unit, result, value } => {
                must(Duty::EnterResults, "correct a result")?;
                let index = self.unit_index(&unit)?;
                let said = self.units[index].correct_result(&result, value, said, at)?;
                Ok(Said::Unit(index, said))
            }
        }
    }

    /// A critical alarm is acknowledged by someone who has just proved who they are, and who says something.
    fn may_answer(
        &self,
        unit: Option<&str>,
        alarm: &str,
        request: Request,
        person: &Person,
        (comment, confirmed): (&str, &Confirmed),
    ) -> Result<(), String> {
        may_ask(person, request)?;
        if request != Request::Acknowledge {
            return Ok(());
        }
        // What is not there is refused with its own words.
        let Some(found) = self.alarm(unit, alarm) else { return Ok(()) };
        let file = unit.and_then(|unit| self.units.iter().find(|one| one.id == unit)?.file());
        let ruled = file.and_then(|file| file.alarms.iter().find(|one| one.id == alarm));
        if !needs_confirmation(found.priority, ruled) {
            return Ok(());
        }
        if comment.trim().is_empty() {
            return Err(format!(
                "alarm {alarm} needs a comment: it is critical, say what you saw and what was done"
            ));
        }
        if !matches!(confirmed, Confirmed::Yes { .. }) {
            return Err(format!("alarm {alarm} is critical: {NOT_CONFIRMED}"));
        }
        Ok(())
    }

    /// The alarm of a unit, or the agent's own.
    pub(super) fn alarm(&self, unit: Option<&str>, alarm: &str) -> Option<&AlarmPoint> {
        let Some(unit) = unit else {
            return self.alarms.iter().map(|(one, _)| one).find(|one| one.id == alarm);
        };
        let unit = self.units.iter().find(|one| one.id == unit)?;
        unit.alarms().find(|one| one.id == alarm)
    }

    /// A comment is about something that is there, and says something.
    fn comment(
        &mut self,
        unit: Option<&str>,
        alarm: Option<&str>,
        comment: &str,
    ) -> Result<(), String> {
        if comment.trim().is_empty() {
            return Err("a comment that says nothing is none".to_owned());
        }
        let Some(unit) = unit else {
            let alarm = alarm.ok_or("say of which unit or alarm")?;
            let is_there = self.alarms.iter().any(|(one, _)| one.id == alarm);
            return is_there.then_some(()).ok_or_else(|| format!("the agent has no alarm {alarm}"));
        };
        let index = self.unit_index(unit)?;
        let Some(alarm) = alarm else { return Ok(()) };
        let is_there = self.units[index].alarms().any(|one| one.id == alarm);
        is_there.then_some(()).ok_or_else(|| format!("unit {unit} has no alarm {alarm}"))
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

fn may_ask(person: &Person, request: Request) -> Result<(), String> {
    if Role::from_word(&person.role).is_some_and(|role| role.may(request)) {
        return Ok(());
    }
    Err(format!("the role {} may not {}", person.role, request.word()))
}

fn whole_trail(unit: Option<&str>) -> String {
    unit.unwrap_or("trail").to_owned()
}

/// The alarm that an action is about, as what was said of it is remembered.
fn about_alarm(asked: &Asked) -> Option<(Option<String>, String)> {
    match asked {
        Asked::OfAlarm { unit, alarm, .. } => Some((unit.clone(), alarm.clone())),
        Asked::Comment { unit, alarm } => Some((unit.clone(), alarm.clone()?)),
        Asked::SilenceHorn { .. }
        | Asked::TestAnnunciators
        | Asked::TestRoute { .. }
        | Asked::Review { .. }
        | Asked::Account { .. }
        | Asked::StartBatch { .. }
        | Asked::EndBatch { .. }
        | Asked::SetPhase { .. }
        | Asked::EnterResult { .. }
        | Asked::ConfirmResult { .. }
        | Asked::CorrectResult { .. }
        | Asked::TrustCertificate { .. } => None,
    }
}

fn target(unit: Option<&str>, alarm: Option<&str>) -> String {
    let parts = [unit, alarm].into_iter().flatten();
    parts.collect::<Vec<_>>().join("/")
}
