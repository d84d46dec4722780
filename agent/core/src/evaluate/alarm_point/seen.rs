//! What people see of an alarm.

use cellwatch_alarm::{Shelving, Step};
use cellwatch_model::{Mono, Quality};

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
