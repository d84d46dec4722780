//! One alarm: its definition, its condition, who has seen it, and the records of its life.

mod definition;
mod past;
mod suppressing;

use std::ops::Deref;
use std::sync::Arc;

use cellwatch_alarm::{Condition, Direction, Edge, Limit, Regions, Shelving, State, Step};
use cellwatch_model::{AlarmTransition, IsaState, LimitKind, Mono, Priority, Quality};
use cellwatch_record::{AlarmChange, Person, SavedAlarm, StandingAlarm};

use super::{Handling, Request};
pub use definition::Definition;
pub use past::Beside;
use past::Kept;
pub(super) use suppressing::Explains;

mod seen;
pub(super) use seen::is_calling;

/// The rule by which alarms of another phase are suppressed, in words.
pub(super) const PHASE_RULE: &str = "not judged in this phase";

/// An alarm with its state; what it is reads as its own ([`Definition`]).
#[derive(Clone, Debug)]
pub struct AlarmPoint {
    definition: Arc<Definition>,
    condition: Condition,
    regions: Regions,
    past: Kept,
    raised: Mono,
    value: Option<f64>,
    occurrence: u32,
    quality: Quality,
}

impl Deref for AlarmPoint {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        &self.definition
    }
}

/// A condition that is true or false, as a limit: 1 is beyond, 0 is clear.
const fn yes_or_no(on_delay_ms: u64, off_delay_ms: u64) -> Limit {
    Limit { direction: Direction::High, limit: 0.5, deadband: 0.0, on_delay_ms, off_delay_ms }
}

impl AlarmPoint {
    /// An alarm in its normal state.
    #[must_use]
    pub fn new(
        id: String,
        source: String,
        kind: LimitKind,
        priority: Priority,
        limit: Limit,
    ) -> Self {
        Self::of(Arc::new(Definition {
            id,
            source,
            kind,
            priority,
            response: String::new(),
            limit,
            handling: Handling::default(),
            phases: Vec::new(),
        }))
    }

    /// An alarm that is defined already, in its normal state.
    #[must_use]
    pub fn of(definition: Arc<Definition>) -> Self {
        Self {
            definition,
            condition: Condition::default(),
            regions: Regions::default(),
            past: Kept::default(),
            raised: Mono::default(),
            value: None,
            occurrence: 0,
            quality: Quality::Good,
        }
    }

    /// What it is.
    #[must_use]
    pub fn into_definition(self) -> Arc<Definition> {
        self.definition
    }

    /// An alarm on a condition that is true or false, in its normal state.
    #[must_use]
    pub fn on_condition(
        id: String,
        source: String,
        kind: LimitKind,
        priority: Priority,
        on_delay_ms: u64,
        off_delay_ms: u64,
    ) -> Self {
        Self::new(id, source, kind, priority, yes_or_no(on_delay_ms, off_delay_ms))
    }

    /// With what a person does.
    #[must_use]
    pub fn with_response(mut self, response: &str) -> Self {
        response.clone_into(&mut Arc::make_mut(&mut self.definition).response);
        self
    }

    /// With what the Master File decides of its handling.
    #[must_use]
    pub fn with_handling(mut self, handling: Handling) -> Self {
        Arc::make_mut(&mut self.definition).handling = handling;
        self
    }

    /// With what there is to say of it.
    #[must_use]
    pub(super) fn with_note(mut self, note: &str) -> Self {
        self.past.get_mut().note = Some(note.to_owned());
        self
    }

    /// Goes on in the state of `before`, an alarm of the same id under an earlier Master File.
    #[must_use]
    pub fn carrying_over(mut self, before: &Self) -> Self {
        self.condition = before.condition;
        self.regions = before.regions;
        self.past = before.past.without_note();
        self.occurrence = before.occurrence;
        self.raised = before.raised;
        self.value = before.value;
        self.quality = before.quality;
        self
    }

    /// The ISA state.
    #[must_use]
    pub const fn state(&self) -> IsaState {
        isa_state(&self.regions)
    }

    /// True while the people on site are called or have to look at it.
    #[must_use]
    pub const fn is_standing(&self) -> bool {
        self.regions.is_annunciated() && !matches!(self.regions.state(), State::Normal)
    }

    /// True while the condition is: seen or not, shelved or suppressed.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.regions.active
    }

    /// Which excursion it is, from 1; 0 before the first.
    #[must_use]
    pub const fn occurrence(&self) -> u32 {
        self.occurrence
    }

    /// When the last excursion was raised.
    #[must_use]
    pub const fn raised(&self) -> Mono {
        self.raised
    }

    /// The value that it judged last.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// When a running delay, a shelving or the time to call again is over.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        let delay_ms = self.condition.due_ms(&self.limit);
        let due_ms = [delay_ms, self.regions.until_ms(), self.re_alarm_due_ms()];
        due_ms.into_iter().flatten().min().map(|ms| Mono(ms.saturating_mul(1_000_000)))
    }

    fn re_alarm_due_ms(&self) -> Option<u64> {
        let calls = self.state() == IsaState::Acknowledged;
        let since = self.acknowledged_at().filter(|_| calls)?;
        Some(ms(since).saturating_add(self.handling.re_alarm_ms?))
    }

    /// Takes a reading's value.
    pub fn reading(&mut self, value: f64, quality: Quality, at: Mono) -> Option<AlarmChange> {
        self.value = Some(value);
        self.quality = quality;
        let edge = self.condition.reading(&self.definition.limit, value, ms(at));
        self.edge(edge)
    }

    /// Takes a condition that is true or false, with words for people.
    pub fn set(&mut self, is_true: bool, note: Option<String>, at: Mono) -> Option<AlarmChange> {
        if note.is_some() {
            self.past.get_mut().note = note;
        }
        let edge =
            self.condition.reading(&self.definition.limit, f64::from(u8::from(is_true)), ms(at));
        self.edge(edge)
    }

    /// Takes a reading without a value: it moves nothing but an off-delay.
    pub const fn no_value(&mut self, quality: Quality) {
        self.quality = quality;
        self.condition.no_value();
    }

    /// Ends what is over at `now`: a delay, a shelving, the time to call again.
    pub fn elapse(&mut self, now: Mono) -> Vec<AlarmChange> {
        let now_ms = ms(now);
        let mut changes = Vec::new();
        if let Some(until_ms) = self.regions.until_ms().filter(|until_ms| *until_ms <= now_ms) {
            changes.extend(self.step(Step::Unshelve, AlarmTransition::Unshelved, at(until_ms)));
        }
        let edge = self.condition.elapse(&self.definition.limit, now_ms);
        changes.extend(self.edge(edge));
        if let Some(due_ms) = self.re_alarm_due_ms().filter(|due_ms| *due_ms <= now_ms) {
            changes.extend(self.step(Step::ReAlarm, AlarmTransition::ReAlarmed, at(due_ms)));
        }
        changes
    }

    /// Does what a person asks.
    ///
    /// # Errors
    /// It is not possible in this state, or the Master File does not allow it; in words.
    pub fn request(
        &mut self,
        request: Request,
        person: Person,
        comment: String,
        now: Mono,
    ) -> Result<AlarmChange, String> {
        let (step, transition) = match request {
            Request::Acknowledge => {
                if self.handling.comment_required && comment.trim().is_empty() {
                    return Err(format!("alarm {} needs a comment: say what was done", self.id));
                }
                (Step::Acknowledge, AlarmTransition::Acknowledged)
            }
            Request::Reset => (Step::Reset, AlarmTransition::Reset),
            Request::Shelve { one_shot, for_ms } => {
                let until_ms = ms(now) + self.shelving_allowed(for_ms, &comment)?;
                let shelving = if one_shot {
                    Shelving::OneShot { until_ms }
                } else {
                    Shelving::Timed { until_ms }
                };
                (Step::Shelve(shelving), AlarmTransition::Shelved)
            }
            Request::Unshelve => (Step::Unshelve, AlarmTransition::Unshelved),
            Request::TakeOutOfService => {
                if comment.trim().is_empty() {
                    return Err(format!("taking {} out of service needs a reason", self.id));
                }
                (Step::TakeOutOfService, AlarmTransition::OutOfService)
            }
            Request::ReturnToService => (Step::ReturnToService, AlarmTransition::ReturnedToService),
        };
        let state = self.state();
        let change = self.step(step, transition, now).ok_or_else(|| {
            format!("alarm {} is {state}: it cannot be {transition} now", self.id)
        })?;
        if transition == AlarmTransition::Acknowledged {
            let past = self.past.get_mut();
            (past.acknowledged_at, past.acknowledged_by) = (Some(now), Some(person.clone()));
        }
        Ok(AlarmChange { person: Some(person), comment: Some(comment), ..change })
    }

    fn shelving_allowed(&self, for_ms: u64, reason: &str) -> Result<u64, String> {
        let id = &self.id;
        let Some(most_ms) = self.handling.shelve_max_ms else {
            return Err(format!("alarm {id} may not be put aside: the Master File forbids it"));
        };
        if for_ms == 0 || for_ms > most_ms {
            let most_min = most_ms / 60_000;
            return Err(format!("alarm {id} may be put aside for at most {most_min} minutes"));
        }
        if reason.trim().is_empty() {
            return Err(format!("putting {id} aside needs a reason"));
        }
        Ok(for_ms)
    }

    /// For the state record; none while it never left its first state.
    #[must_use]
    pub fn save(&self, unit: Option<&str>) -> Option<SavedAlarm> {
        (self.regions != Regions::default() || self.occurrence > 0).then(|| SavedAlarm {
            unit: unit.map(str::to_owned),
            alarm: self.id.clone(),
            regions: self.regions.bits(),
            occurrence: self.occurrence,
            raised: self.raised,
            until: self.regions.until_ms().map(at),
            acknowledged: self.acknowledged_at(),
        })
    }

    /// As it was before a restart. Delays start again with the next reading; the rules that suppress it are
    /// found anew.
    #[must_use]
    pub fn restored(mut self, saved: &SavedAlarm, beside: &Beside) -> Self {
        let Some(regions) = saved_regions(saved) else { return self };
        self.regions = regions;
        self.condition = Condition::restored(regions.active);
        self.occurrence = saved.occurrence;
        self.raised = saved.raised;
        if saved.acknowledged != self.acknowledged_at() {
            self.past.get_mut().acknowledged_at = saved.acknowledged;
        }
        if self.is_over_unseen() && beside.returned.is_some() {
            self.past.get_mut().returned = beside.returned;
        }
        if beside.called.is_some() || beside.seen_by.is_some() {
            let past = self.past.get_mut();
            (past.called, past.acknowledged_by) = (beside.called, beside.seen_by.clone());
        }
        self
    }

    /// The record that ends it when a new Master File has no counterpart; none if it was normal.
    #[must_use]
    pub fn close(&self, at: Mono) -> Option<AlarmChange> {
        let mut change = self.change(AlarmTransition::Closed, at);
        change.state = IsaState::Normal;
        (!matches!(self.regions.state(), State::Normal)).then_some(change)
    }

    /// As a change that says how it stands.
    #[must_use]
    pub fn as_it_stands(&self, now: Mono) -> AlarmChange {
        self.change(AlarmTransition::Raised, now)
    }

    /// For the summary of standing alarms.
    #[must_use]
    pub fn standing(&self) -> StandingAlarm {
        StandingAlarm {
            alarm: self.id.clone(),
            source: self.source.clone(),
            state: self.state(),
            priority: self.priority,
            raised: self.raised,
        }
    }

    fn edge(&mut self, edge: Option<Edge>) -> Option<AlarmChange> {
        let (step, transition, at_ms) = match edge? {
            Edge::Rose { at_ms } => (Step::Rise, AlarmTransition::Raised, at_ms),
            Edge::Fell { at_ms } => (Step::Fall, AlarmTransition::Returned, at_ms),
        };
        if step == Step::Rise {
            self.occurrence += 1;
            self.raised = at(at_ms);
        } else {
            self.past.get_mut().returned = Some(at(at_ms));
        }
        self.step(step, transition, at(at_ms))
    }

    fn step(&mut self, step: Step, transition: AlarmTransition, at: Mono) -> Option<AlarmChange> {
        let called = self.calls();
        if !self.regions.take(step, self.definition.handling.policy) {
            return None;
        }
        if !called && self.calls() && transition != AlarmTransition::Raised {
            self.past.get_mut().called = Some(at);
        }
        Some(self.change(transition, at))
    }

    fn change(&self, transition: AlarmTransition, at: Mono) -> AlarmChange {
        let judged_by_limit = match self.kind {
            LimitKind::LowLow
            | LimitKind::Low
            | LimitKind::High
            | LimitKind::HighHigh
            | LimitKind::Deviation
            | LimitKind::Rate => true,
            LimitKind::Instrument
            | LimitKind::Agent
            | LimitKind::Discrete
            | LimitKind::Communication
            | LimitKind::Phase => false,
        };
        let until = self.regions.until_ms().map(|until_ms| Mono(until_ms * 1_000_000));
        AlarmChange {
            alarm: self.id.clone(),
            source: self.source.clone(),
            kind: self.kind,
            transition,
            state: self.state(),
            priority: self.priority,
            occurrence: self.occurrence,
            at,
            value: self.value.filter(|_| judged_by_limit),
            limit: judged_by_limit.then_some(self.limit.limit),
            quality: self.quality,
            person: None,
            comment: self.note().map(str::to_owned),
            regions: self.regions.bits(),
            until,
        }
    }
}

/// The ISA state of these regions.
pub(super) const fn isa_state(regions: &Regions) -> IsaState {
    match regions.state() {
        State::Normal => IsaState::Normal,
        State::Unacknowledged => IsaState::Unacknowledged,
        State::Acknowledged => IsaState::Acknowledged,
        State::ReturnedUnacknowledged => IsaState::ReturnedUnacknowledged,
        State::LatchedUnacknowledged => IsaState::LatchedUnacknowledged,
        State::LatchedAcknowledged => IsaState::LatchedAcknowledged,
        State::Shelved => IsaState::Shelved,
        State::SuppressedByDesign => IsaState::SuppressedByDesign,
        State::OutOfService => IsaState::OutOfService,
    }
}

/// The regions of a saved alarm; none where the record holds bits that no alarm has.
pub(super) fn saved_regions(saved: &SavedAlarm) -> Option<Regions> {
    Regions::from_bits(saved.regions, saved.until.map_or(0, ms))
}

const fn ms(at: Mono) -> u64 {
    at.0 / 1_000_000
}

const fn at(ms: u64) -> Mono {
    Mono(ms.saturating_mul(1_000_000))
}
