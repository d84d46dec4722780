//! What suppresses an alarm, and what an alarm explains.

use std::collections::BTreeSet;

use cellwatch_alarm::{Condition, Shelving, Step};
use cellwatch_model::{AlarmTransition, Mono};
use cellwatch_record::AlarmChange;

use super::{AlarmPoint, PHASE_RULE};

/// How one alarm explains another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::evaluate) enum Explains {
    /// As the higher level of the same excursion: HH explains H.
    Level,
    /// As the silence of the device that gives the parameter.
    Link,
    /// Because the Master File says so.
    Rule,
}

impl AlarmPoint {
    /// True while it is not judged in the unit's phase.
    #[must_use]
    pub fn is_out_of_phase(&self) -> bool {
        self.past.is_suppressed_by(PHASE_RULE)
    }

    /// A rule of the Master File suppresses it, or no longer does. Gives a record where it matters to
    /// somebody: the alarm stands or would stand. `seen` is true if a person has already seen what comes
    /// back, so that one excursion does not call twice; the time to call again runs from here.
    pub fn suppress(
        &mut self,
        rule: &str,
        holds: bool,
        seen: bool,
        at: Mono,
    ) -> Option<AlarmChange> {
        let was_suppressed = self.past.is_suppressed();
        if holds != self.past.is_suppressed_by(rule) {
            let suppressors = &mut self.past.get_mut().suppressors;
            if holds {
                suppressors.insert(rule.to_owned());
            } else {
                suppressors.remove(rule);
            }
        }
        let matters = self.regions.active || !self.regions.acknowledged || self.regions.latched;
        let change = match (was_suppressed, !self.past.is_suppressed()) {
            (false, false) => self.step(Step::Suppress, AlarmTransition::Suppressed, at),
            (true, true) if rule == PHASE_RULE && self.is_new_to_the_phase() => self.judge_anew(at),
            (true, true) => {
                let change = self.step(Step::Unsuppress, AlarmTransition::Unsuppressed, at);
                if seen && self.regions.take(Step::Acknowledge, self.definition.handling.policy) {
                    if self.regions.active {
                        let past = self.past.get_mut();
                        (past.acknowledged_at, past.acknowledged_by) = (Some(at), None);
                    }
                    change.map(|change| AlarmChange {
                        state: self.state(),
                        regions: self.regions.bits(),
                        ..change
                    })
                } else {
                    change
                }
            }
            (false, true) | (true, false) => None,
        };
        change
            .filter(|_| matters)
            .map(|change| AlarmChange { comment: Some(rule.to_owned()), ..change })
    }

    /// Ends suppressions by rules that are not among `known`, and one that was saved and that no rule holds.
    pub(in crate::evaluate) fn keep_rules(
        &mut self,
        known: &BTreeSet<String>,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let gone: Vec<String> =
            self.suppressed_by().filter(|rule| !known.contains(*rule)).map(str::to_owned).collect();
        let mut changes: Vec<AlarmChange> =
            gone.iter().filter_map(|rule| self.suppress(rule, false, false, at)).collect();
        if self.regions.suppressed && !self.past.is_suppressed() {
            changes.extend(self.step(Step::Unsuppress, AlarmTransition::Unsuppressed, at));
        }
        changes
    }

    /// True if it rose in a phase that does not judge it, nobody was called, and it has an on-delay to pass.
    fn is_new_to_the_phase(&self) -> bool {
        let rose_unseen = self.regions.active && self.regions.acknowledged && !self.was_seen();
        rose_unseen && self.limit.on_delay_ms > 0
    }

    /// A phase that judges it begins: its on-delay runs from here, as for any excursion of this phase. A drive that
    /// rested in the phase before has that long to come to speed.
    fn judge_anew(&mut self, at: Mono) -> Option<AlarmChange> {
        let change = self.step(Step::Fall, AlarmTransition::Returned, at);
        self.past.get_mut().returned = Some(at);
        self.condition = Condition::Pending { since_ms: super::ms(at) };
        self.regions.take(Step::Unsuppress, self.definition.handling.policy);
        change.map(|change| AlarmChange {
            state: self.state(),
            regions: self.regions.bits(),
            ..change
        })
    }

    /// True while this alarm explains `other`, which is therefore suppressed.
    ///
    /// What nobody is called for explains nothing: an alarm that a person put aside, that is out of service or not
    /// judged in this phase hides no other one. A silent device explains its instruments also then: whoever puts
    /// its alarm aside knows that it is away.
    ///
    /// A higher level goes on to explain the lower one after it has returned, until somebody has acknowledged
    /// it: HH and H of one excursion do not both call for a person. Another excursion calls for itself.
    pub(in crate::evaluate) fn explains(&self, other: &Self, how: Explains) -> bool {
        let is_aside = self.regions.out_of_service
            || self.regions.shelving != Shelving::Unshelved
            || self.is_out_of_phase();
        match how {
            Explains::Link => self.regions.active,
            Explains::Rule => self.regions.active && !is_aside,
            Explains::Level if is_aside => false,
            Explains::Level => {
                let returned = self.past.get().and_then(|past| past.returned);
                let is_same = returned.is_none_or(|returned| other.raised <= returned);
                let is_still_hidden = other.regions.suppressed && !self.regions.acknowledged;
                self.regions.active || (is_still_hidden && is_same)
            }
        }
    }

    /// True if there is nothing that a person still has to acknowledge: an excursion that stands was acknowledged.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.regions.acknowledged && (!self.regions.active || self.was_seen())
    }

    /// True if a person has acknowledged the excursion that stands, or the last one.
    pub(in crate::evaluate) fn was_seen(&self) -> bool {
        let by_person = self.acknowledged_at().is_some_and(|at| at >= self.raised);
        self.regions.acknowledged && self.occurrence > 0 && by_person
    }
}
