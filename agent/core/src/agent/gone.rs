//! What stood before a restart where nobody judges any more: in a unit that left the site file, or as an alarm of the
//! agent's own that this version no longer has. It is closed by a record, before the state record of the start.

use cellwatch_model::Now;
use cellwatch_record::{AlarmChange, Body, Deviation, DeviationChange, State};

use super::Agent;
use super::said::shown;
use crate::door::Output;
use crate::evaluate::without_place;
use crate::journal::Context;
use crate::serve::alarms_json;

/// Units that left the site file: what is retained of their alarms is to be empty.
#[derive(Debug, Default)]
pub(super) struct Gone {
    units: Vec<String>,
    /// The last record about them.
    seq: u64,
}

impl Agent {
    /// Closes what no unit and no alarm of this start goes on with.
    pub(super) fn close_what_has_no_place(&mut self, before: &State, now: Now) {
        let at = now.mono.floor_ms();
        let is_here = |id: &str| self.units.iter().any(|unit| unit.id == id);
        let is_own = |id: &str| self.alarms.iter().any(|(alarm, _)| alarm.id == id);
        let gone = before.alarms.iter().filter(|saved| match &saved.unit {
            Some(unit) => !is_here(unit),
            None => !is_own(&saved.alarm),
        });
        let gone: Vec<_> =
            gone.map(|saved| (saved.unit.clone(), without_place(saved).close(at))).collect();
        let candidates = before.deviations.iter().filter(|(unit, _)| !is_here(unit));
        let candidates: Vec<_> = candidates.cloned().collect();
        for (unit, change) in gone {
            match unit {
                Some(unit) => self.close_of_gone(unit, change, now),
                None => self.agent_changed(change, now),
            }
        }
        for (unit, open) in candidates {
            let closed = Deviation { change: DeviationChange::Closed, at, ..open };
            let context = Context { unit: Some(&unit), ..Context::default() };
            self.recorder.record(Body::Deviation(closed), context, now);
        }
    }

    fn close_of_gone(&mut self, unit: String, change: Option<AlarmChange>, now: Now) {
        if let Some(change) = change {
            let id = Some(unit.as_str());
            self.outputs.push_back(Output::Show(shown(id, &change, String::new())));
            self.annunciation.changed(id, &change);
            self.remarks.changed(id, &change, change.at);
            self.escalation.ends(id, &change.alarm);
            let flood = self.metrics.alarm(id, None, &change, now.utc);
            let context = Context { unit: id, ..Context::default() };
            let seq = self.recorder.record(Body::Alarm(change), context, now);
            self.gone.seq = seq.unwrap_or(self.gone.seq);
            if let Some(flood) = flood {
                self.say_flood(flood, now);
            }
        }
        if !self.gone.units.contains(&unit) {
            self.gone.units.push(unit);
        }
    }

    /// Offers the empty alarm documents of units that left, once what closed their alarms is durable. To a broker that
    /// was away they go with the next connection.
    pub(super) fn offer_alarms_of_gone(&mut self, now: Now) {
        if self.gone.seq > self.recorder.durable() {
            return;
        }
        for unit in self.gone.units.clone() {
            let json = alarms_json(Some(&unit), std::iter::empty(), now);
            self.offer_documents(Some(&unit), Vec::new(), json, now);
        }
    }

    /// Records became durable; `before` is up to where they were.
    pub(super) fn gone_is_durable(&mut self, before: u64, now: Now) {
        if before < self.gone.seq {
            self.offer_alarms_of_gone(now);
        }
    }
}
