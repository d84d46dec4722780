//! Messages to people who are not in the room.

use cellwatch_model::{IsaState, Mono, Now, Utc};
use cellwatch_record::AlarmChange;

use super::Agent;
use crate::door::Output;
use crate::evaluate::{AlarmPoint, NOTIFICATION, is_annunciation};
use crate::journal::Context;
use crate::serve::escalation::{Call, Item, Said, Stage};

impl Agent {
    /// An alarm changed: it calls for people, goes on to, or no longer does.
    pub(super) fn escalate(&mut self, unit: Option<usize>, change: &AlarmChange, now: Now) {
        let calls = matches!(
            change.state,
            IsaState::Unacknowledged
                | IsaState::LatchedUnacknowledged
                | IsaState::ReturnedUnacknowledged
        );
        if calls {
            let again = is_annunciation(change);
            let called =
                if again { change.at } else { self.called(unit, &change.alarm, change.at) };
            let call = self.call(unit, change, called, now);
            self.escalation.calls(call, again);
        } else {
            let id = unit.map(|unit| self.units[unit].id.clone());
            self.escalation.ends(id.as_deref(), &change.alarm);
        }
    }

    /// Every alarm that stands and that nobody has acknowledged calls by the routes in force.
    pub(super) fn escalate_standing(&mut self, now: Now) {
        // Ascending versions: the newest file that judges somewhere says who is told.
        let judging = self.master_files.entries().iter().rfind(|one| one.judges());
        let Some(file) = judging.and_then(|one| one.file.as_ref()) else { return };
        self.escalation.routes(&file.routes);
        let of_units = self
            .units
            .iter()
            .enumerate()
            .flat_map(|(index, unit)| unit.standing().map(move |alarm| (Some(index), alarm)));
        let own = self.alarms.standing().map(|alarm| (None, alarm));
        let standing: Vec<(Option<usize>, AlarmChange, Mono)> = of_units
            .chain(own)
            .filter(|(_, alarm)| !alarm.is_acknowledged())
            .map(|(unit, alarm)| {
                let id = unit.map(|unit| self.units[unit].id.as_str());
                (unit, alarm.as_it_stands(now.mono), self.remarks.called(id, alarm))
            })
            .collect();
        for (unit, change, called) in standing {
            let call = self.call(unit, &change, called, now);
            self.escalation.calls(call, false);
        }
    }

    fn standing_alarm(&self, unit: Option<usize>, alarm: &str) -> Option<&AlarmPoint> {
        let known = |point: &&AlarmPoint| point.id == alarm;
        match unit {
            Some(unit) => self.units[unit].standing().find(known),
            None => self.alarms.standing().find(known),
        }
    }

    fn raised(&self, unit: Option<usize>, alarm: &str, or: Mono) -> Mono {
        self.standing_alarm(unit, alarm).map_or(or, AlarmPoint::raised)
    }

    fn called(&self, unit: Option<usize>, alarm: &str, or: Mono) -> Mono {
        let id = unit.map(|unit| self.units[unit].id.as_str());
        let found = self.standing_alarm(unit, alarm);
        found.map_or(or, |alarm| self.remarks.called(id, alarm))
    }

    fn call(&self, unit: Option<usize>, change: &AlarmChange, called: Mono, now: Now) -> Call {
        let wall = |mono: Mono| {
            let ago_ns = i64::try_from(now.mono.0.saturating_sub(mono.0)).unwrap_or(i64::MAX);
            Utc(now.utc.0.saturating_sub(ago_ns))
        };
        let since = wall(self.raised(unit, &change.alarm, called));
        let unit = unit.map(|unit| &self.units[unit]);
        let file = unit.and_then(|unit| self.master_files.of_unit(&unit.id)?.file.as_ref());
        let rule = file.and_then(|file| file.alarms.iter().find(|rule| rule.id == change.alarm));
        let parameter =
            unit.and_then(|unit| unit.parameters().iter().find(|one| one.name() == change.source));
        let by_hand =
            file.and_then(|file| file.parameters.iter().find(|one| one.name == change.source));
        let measured = parameter.map(|one| one.known().unit).or(by_hand.map(|one| one.unit));
        let response = match unit {
            Some(unit) => unit.response_to(&change.alarm),
            None => self.alarms.response_to(&change.alarm),
        };
        let time_to_respond_ms = rule.map(|rule| rule.time_to_respond_s * 1000);
        let item = Item {
            unit: unit.map(|unit| unit.id.clone()),
            name: unit
                .map_or_else(|| format!("agent {}", self.setup.agent), |unit| unit.name.clone()),
            alarm: change.alarm.clone(),
            occurrence: change.occurrence,
            stage: Stage::Called,
            source: change.source.clone(),
            priority: change.priority,
            value: change.value,
            limit: change.limit,
            unit_of_measure: measured.map(|unit| unit.symbol().to_owned()).unwrap_or_default(),
            since,
            respond_by: time_to_respond_ms.map(|ms| {
                Utc(wall(called)
                    .0
                    .saturating_add(i64::try_from(ms * 1_000_000).unwrap_or(i64::MAX)))
            }),
            response,
        };
        Call { item, called, time_to_respond_ms }
    }

    /// Sends what is due.
    pub(super) fn notify(&mut self, now: Now) {
        if self.escalation.next_deadline().is_some_and(|due| due <= now.mono) {
            let said = self.escalation.elapse(now.mono);
            self.say_messages(said, now);
        }
    }

    /// What became of an attempt.
    pub(super) fn notified(&mut self, id: u64, outcome: Result<(), String>, now: Now) {
        let reason = outcome.as_ref().err().cloned();
        let said = self.escalation.notified(id, outcome, now.mono);
        self.say_messages(said, now);
        let failing = self.escalation.is_failing();
        self.condition(NOTIFICATION, failing, reason, now);
    }

    pub(super) fn test_route(&mut self, route: &str, now: Now) -> Result<(), String> {
        let said = self.escalation.test(route, now.mono)?;
        self.say_messages(said, now);
        Ok(())
    }

    fn say_messages(&mut self, said: impl IntoIterator<Item = Said>, now: Now) {
        for said in said {
            if let Some(record) = said.event(now.mono.floor_ms()) {
                self.recorder.record(record.into(), Context::default(), now);
            }
            if let Said::Attempt(message) = said {
                self.outputs.push_back(Output::Notify(message));
            }
        }
    }
}
