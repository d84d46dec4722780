//! One alarm: its definition, its condition, who has seen it, and the records of its life.

use cellwatch_alarm::{Condition, Direction, Edge, Limit, Policy, Regions, State, Step};
use cellwatch_model::{AlarmTransition, IsaState, LimitKind, Mono, Priority, Quality};
use cellwatch_record::{AlarmChange, Person, StandingAlarm};

/// An alarm with its state.
#[derive(Clone, Debug)]
pub struct AlarmPoint {
    /// Id, such as `TEMP.HH`.
    pub id: String,
    /// The parameter, device or part of the agent that it watches.
    pub source: String,
    /// What it watches for.
    pub kind: LimitKind,
    /// Priority.
    pub priority: Priority,
    /// What a person does.
    pub response: String,
    /// Limit, deadband and delays.
    pub limit: Limit,
    /// Latching and acknowledgement.
    pub policy: Policy,
    condition: Condition,
    regions: Regions,
    occurrence: u32,
    raised: Mono,
    value: Option<f64>,
    quality: Quality,
    note: Option<String>,
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
        Self {
            id,
            source,
            kind,
            priority,
            response: String::new(),
            limit,
            policy: Policy { latching: false, ack_required: true },
            condition: Condition::default(),
            regions: Regions::default(),
            occurrence: 0,
            raised: Mono::default(),
            value: None,
            quality: Quality::Good,
            note: None,
        }
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
        response.clone_into(&mut self.response);
        self
    }

    /// With what the Master File decides of latching and acknowledgement.
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Goes on in the state of `before`, an alarm of the same id under an earlier Master File.
    #[must_use]
    pub fn carrying_over(mut self, before: &Self) -> Self {
        self.condition = before.condition;
        self.regions = before.regions;
        self.occurrence = before.occurrence;
        self.raised = before.raised;
        self.value = before.value;
        self.quality = before.quality;
        self
    }

    /// The ISA state.
    #[must_use]
    pub const fn state(&self) -> IsaState {
        match self.regions.state() {
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

    /// True while the people on site are called or have to look at it.
    #[must_use]
    pub const fn is_standing(&self) -> bool {
        self.regions.is_annunciated() && !matches!(self.regions.state(), State::Normal)
    }

    /// When a running delay is over.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        self.condition.due_ms(&self.limit).map(|ms| Mono(ms.saturating_mul(1_000_000)))
    }

    /// Takes a reading's value.
    pub fn reading(&mut self, value: f64, quality: Quality, at: Mono) -> Option<AlarmChange> {
        self.value = Some(value);
        self.quality = quality;
        let edge = self.condition.reading(&self.limit, value, ms(at));
        self.edge(edge)
    }

    /// Takes a condition that is true or false, with words for people.
    pub fn set(&mut self, is_true: bool, note: Option<String>, at: Mono) -> Option<AlarmChange> {
        self.note = note.or(self.note.take());
        let edge = self.condition.reading(&self.limit, f64::from(u8::from(is_true)), ms(at));
        self.edge(edge)
    }

    /// Takes a reading without a value: it moves nothing but an off-delay.
    pub const fn no_value(&mut self, quality: Quality) {
        self.quality = quality;
        self.condition.no_value();
    }

    /// Ends a delay that is over at `now`.
    pub fn elapse(&mut self, now: Mono) -> Option<AlarmChange> {
        let edge = self.condition.elapse(&self.limit, ms(now));
        self.edge(edge)
    }

    /// Suppresses by design, or ends it; the change is a record only where it matters to somebody.
    pub fn suppress(&mut self, suppressed: bool, at: Mono) -> Option<AlarmChange> {
        let (step, transition) = if suppressed {
            (Step::Suppress, AlarmTransition::Suppressed)
        } else {
            (Step::Unsuppress, AlarmTransition::Unsuppressed)
        };
        let matters = self.regions.active || !self.regions.acknowledged || self.regions.latched;
        let taken = self.regions.take(step, self.policy);
        (taken && matters).then(|| self.change(transition, at))
    }

    /// A person has seen it.
    ///
    /// # Errors
    /// Nothing is there to be seen; in words.
    pub fn acknowledge(
        &mut self,
        person: Person,
        comment: String,
        at: Mono,
    ) -> Result<AlarmChange, String> {
        if !self.regions.take(Step::Acknowledge, self.policy) {
            return Err(format!(
                "alarm {} is {}: there is nothing to acknowledge",
                self.id,
                self.state()
            ));
        }
        let change = self.change(AlarmTransition::Acknowledged, at);
        Ok(AlarmChange { person: Some(person), comment: Some(comment), ..change })
    }

    /// The record that ends it when a new Master File has no counterpart; none if it was normal.
    #[must_use]
    pub fn close(&self, at: Mono) -> Option<AlarmChange> {
        let mut change = self.change(AlarmTransition::Closed, at);
        change.state = IsaState::Normal;
        (!matches!(self.regions.state(), State::Normal)).then_some(change)
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
        let at = Mono(at_ms.saturating_mul(1_000_000));
        self.regions.take(step, self.policy);
        if step == Step::Rise {
            self.occurrence += 1;
            self.raised = at;
        }
        Some(self.change(transition, at))
    }

    fn change(&self, transition: AlarmTransition, at: Mono) -> AlarmChange {
        let judged_by_limit = self.kind.code() <= LimitKind::HighHigh.code();
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
            comment: self.note.clone(),
        }
    }
}

const fn ms(at: Mono) -> u64 {
    at.0 / 1_000_000
}
