//! What people see of an alarm.

use cellwatch_alarm::{Shelving, Step};
use cellwatch_model::{IsaState, Mono, Quality};
use cellwatch_record::Person;

use super::{AlarmPoint, at};
use crate::evaluate::Request;

impl AlarmPoint {
    /// True while it is held until reset.
    #[must_use]
    pub const fn is_latched(&self) -> bool {
        self.regions.latched
    }

    /// When its shelving ends, and whether it ends with the excursion; none while it is not put aside.
    #[must_use]
    pub const fn shelved_until(&self) -> Option<(Mono, bool)> {
        match self.regions.shelving {
            Shelving::Unshelved => None,
            Shelving::OneShot { until_ms } => Some((at(until_ms), true)),
            Shelving::Timed { until_ms } => Some((at(until_ms), false)),
        }
    }

    /// The rules that suppress it now, in words.
    pub fn suppressed_by(&self) -> impl Iterator<Item = &str> {
        let rules = self.past.get().map(|past| &past.suppressors);
        rules.into_iter().flatten().map(String::as_str)
    }

    /// When a person last acknowledged it.
    #[must_use]
    pub fn acknowledged_at(&self) -> Option<Mono> {
        self.past.get()?.acknowledged_at
    }

    /// When a person acknowledged the excursion that stands or stood last, and who.
    #[must_use]
    pub fn seen_by(&self) -> Option<(Mono, Person)> {
        let at = self.acknowledged_at().filter(|at| *at >= self.raised)?;
        Some((at, self.past.get()?.acknowledged_by.clone()?))
    }

    /// True while it stands and nobody has acknowledged it.
    #[must_use]
    pub const fn calls(&self) -> bool {
        is_calling(self.state())
    }

    /// When it last began to call.
    #[must_use]
    pub fn called(&self) -> Mono {
        let again = self.past.get().and_then(|past| past.called);
        again.map_or(self.raised, |again| again.max(self.raised))
    }

    /// True once its excursion is over and nobody has acknowledged it yet.
    #[must_use]
    pub const fn is_over_unseen(&self) -> bool {
        !self.regions.active && !self.regions.acknowledged
    }

    /// When the last excursion was over, as far as it is known.
    #[must_use]
    pub fn returned(&self) -> Option<Mono> {
        self.past.get()?.returned
    }

    /// What the agent says of it.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.past.get()?.note.as_deref()
    }

    /// Quality of what it judged last.
    #[must_use]
    pub const fn quality(&self) -> Quality {
        self.quality
    }

    /// True if this request would change something now.
    #[must_use]
    pub fn can(&self, request: Request) -> bool {
        let step = match request {
            Request::Acknowledge => Step::Acknowledge,
            Request::Reset => Step::Reset,
            Request::Shelve { .. } if self.handling.shelve_max_ms.is_none() => return false,
            Request::Shelve { .. } => Step::Shelve(Shelving::Timed { until_ms: u64::MAX }),
            Request::Unshelve => Step::Unshelve,
            Request::TakeOutOfService => Step::TakeOutOfService,
            Request::ReturnToService => Step::ReturnToService,
        };
        let mut after = self.regions;
        after.take(step, self.handling.policy)
    }
}

/// True of the states in which an alarm calls for a person.
pub(in crate::evaluate) const fn is_calling(state: IsaState) -> bool {
    matches!(
        state,
        IsaState::Unacknowledged
            | IsaState::ReturnedUnacknowledged
            | IsaState::LatchedUnacknowledged
    )
}
