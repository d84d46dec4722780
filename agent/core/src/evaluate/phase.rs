//! Batch and phase of a unit, as its device says them.
//!
//! A batch starts when the phase leaves `idle` and ends when it comes back. Its id is the unit's with
//! the UTC minute of its start: it names no patient (21 CFR 11 and Annex 11 want attributable data, not personal data).

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Batch, BatchChange};

/// The word for "no batch" in a profile's phase enumeration.
pub(crate) const IDLE: &str = "idle";

/// The batch of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BatchState {
    /// The open batch and its phase.
    pub(crate) open: Option<(String, String)>,
}

impl BatchState {
    pub(crate) fn phase(&self) -> Option<&str> {
        self.open.as_ref().map(|(_, phase)| phase.as_str())
    }

    pub(crate) fn batch(&self) -> Option<&str> {
        self.open.as_ref().map(|(batch, _)| batch.as_str())
    }

    /// The change that the device's phase brings, before it is taken.
    pub(crate) fn change(&self, unit: &str, phase: &str, at: Mono, now: Now) -> Option<Batch> {
        let make = |change, batch: String, from: Option<&str>, to: Option<&str>| Batch {
            change,
            batch,
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            at,
        };
        match &self.open {
            None if phase == IDLE => None,
            None => Some(make(BatchChange::Started, batch_id(unit, now), None, Some(phase))),
            Some((_, open)) if open == phase => None,
            Some((batch, open)) if phase == IDLE => {
                Some(make(BatchChange::Ended, batch.clone(), Some(open), None))
            }
            Some((batch, open)) => {
                Some(make(BatchChange::Phase, batch.clone(), Some(open), Some(phase)))
            }
        }
    }

    /// Takes a change.
    pub(crate) fn take(&mut self, change: &Batch) {
        self.open = change.to.clone().map(|phase| (change.batch.clone(), phase));
    }
}

fn batch_id(unit: &str, now: Now) -> String {
    let minute = jiff::Timestamp::from_nanosecond(i128::from(now.utc.0))
        .map(|at| at.strftime("%Y%m%d-%H%M").to_string())
        .unwrap_or_default();
    format!("{unit}-{minute}")
}
