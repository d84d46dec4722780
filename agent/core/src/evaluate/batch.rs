//! Batch and phase of a unit.
//!
//! Where a device of the unit says its phase, the device leads: a batch starts when the phase leaves `idle` and
//! ends when it comes back. Elsewhere a person starts and ends it, and the phase comes from a person or from the
//! Master File's `after_h`. One of the two, never both: who leads is known from the profiles alone.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Batch, BatchChange};

/// The word for "no batch" in a profile's phase enumeration.
pub(crate) const IDLE: &str = "idle";

/// The batch of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BatchState {
    pub(crate) open: Option<OpenBatch>,
    /// True once the device said that no batch runs: only then is it known where the next one begins.
    pub(crate) saw_idle: bool,
}

/// A batch that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenBatch {
    /// Its id.
    pub(crate) batch: String,
    /// Its phase.
    pub(crate) phase: String,
    /// When the phase began.
    pub(crate) since: Mono,
    /// When the batch began.
    pub(crate) started: Mono,
}

impl BatchState {
    pub(crate) fn phase(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.phase.as_str())
    }

    pub(crate) fn batch(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.batch.as_str())
    }

    /// The change that the device's phase brings, before it is taken.
    pub(crate) fn device_says(&self, unit: &str, phase: &str, at: Mono, now: Now) -> Option<Batch> {
        match &self.open {
            None if phase == IDLE => None,
            None => Some(started(own_batch_id(unit, now), phase, at)),
            Some(open) if open.phase == phase => None,
            Some(_) if phase == IDLE => self.end(at),
            Some(_) => self.phase_change(phase, at),
        }
    }

    /// The end of the open batch.
    pub(crate) fn end(&self, at: Mono) -> Option<Batch> {
        let open = self.open.as_ref()?;
        let (batch, from) = (open.batch.clone(), Some(open.phase.clone()));
        Some(Batch { change: BatchChange::Ended, batch, from, to: None, at, seal: None })
    }

    /// The step of the open batch to another phase.
    pub(crate) fn phase_change(&self, phase: &str, at: Mono) -> Option<Batch> {
        let open = self.open.as_ref()?;
        let (batch, from) = (open.batch.clone(), Some(open.phase.clone()));
        Some(Batch {
            change: BatchChange::Phase,
            batch,
            from,
            to: Some(phase.to_owned()),
            at,
            seal: None,
        })
    }

    /// Takes a change.
    pub(crate) fn take(&mut self, change: &Batch) {
        let started = match change.change {
            BatchChange::Started => change.at,
            BatchChange::Phase | BatchChange::Ended | BatchChange::Sealed => {
                self.open.as_ref().map_or(change.at, |open| open.started)
            }
        };
        let batch = change.batch.clone();
        let open = |phase| OpenBatch { batch, phase, since: change.at, started };
        self.open = change.to.clone().map(open);
        self.saw_idle |= self.open.is_none();
    }
}

/// The start of a batch.
pub(crate) fn started(batch: String, phase: &str, at: Mono) -> Batch {
    Batch {
        change: BatchChange::Started,
        batch,
        from: None,
        to: Some(phase.to_owned()),
        at,
        seal: None,
    }
}

/// The id that the agent gives: the unit's with the UTC minute of the start.
pub(crate) fn own_batch_id(unit: &str, now: Now) -> String {
    let minute = jiff::Timestamp::from_nanosecond(i128::from(now.utc.0))
        .map(|at| at.strftime("%Y%m%d-%H%M").to_string())
        .unwrap_or_default();
    format!("{unit}-{minute}")
}
