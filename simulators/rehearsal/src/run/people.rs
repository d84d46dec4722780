//! The people on site: they acknowledge what calls, reset what is held, enter results.

use std::collections::BTreeSet;

use cellwatch_core::door::{Asked, OperatorAction};
use cellwatch_core::evaluate::Request;
use cellwatch_model::IsaState;
use cellwatch_record::{AlarmChange, Person};

use crate::scenario::Scenario;

/// After an acknowledged alarm that is held has returned, s.
const RESET_AFTER_MS: u64 = 60_000;

#[derive(Default)]
pub(super) struct People {
    /// What somebody is on the way to: unit and alarm.
    under_way: BTreeSet<(Option<String>, String)>,
}

pub(super) fn person(number: u8) -> Person {
    Person { name: format!("operator-{number}"), role: "operator".to_owned() }
}

impl People {
    /// What people do about a change of an alarm, and how long after it, ms.
    pub(super) fn see(
        &mut self,
        scenario: &Scenario,
        unit: Option<&str>,
        change: &AlarmChange,
    ) -> Option<(u64, OperatorAction)> {
        let (after_ms, request) = match change.state {
            IsaState::Unacknowledged
            | IsaState::ReturnedUnacknowledged
            | IsaState::LatchedUnacknowledged => {
                let key = (unit.map(str::to_owned), change.alarm.clone());
                if !self.under_way.insert(key) {
                    return None;
                }
                let late = scenario.late.iter().find(|late| late.alarm == change.alarm);
                let after_s = late.map_or(scenario.acknowledge_after_s, |late| late.after_s);
                (after_s * 1000, Request::Acknowledge)
            }
            IsaState::LatchedAcknowledged => (RESET_AFTER_MS, Request::Reset),
            IsaState::Normal
            | IsaState::Acknowledged
            | IsaState::Shelved
            | IsaState::SuppressedByDesign
            | IsaState::OutOfService => return None,
        };
        let (unit, alarm) = (unit.map(str::to_owned), change.alarm.clone());
        let what = Asked::OfAlarm { unit, alarm, request };
        Some((
            after_ms,
            OperatorAction {
                person: person(1),
                what,
                comment: "done as written".to_owned(),
                confirmed: true.into(),
            },
        ))
    }

    /// The person is there.
    pub(super) fn arrive(&mut self, action: &OperatorAction) {
        if let Asked::OfAlarm { unit, alarm, request: Request::Acknowledge } = &action.what {
            self.under_way.remove(&(unit.clone(), alarm.clone()));
        }
    }
}
