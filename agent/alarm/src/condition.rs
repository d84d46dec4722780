//! Is the condition true? Limit, deadband and delays.

use crate::Limit;

/// The condition of one alarm. Times are milliseconds of the caller's monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Not beyond the limit.
    #[default]
    Clear,
    /// Beyond the limit, the on-delay runs.
    Pending {
        /// The first reading beyond the limit.
        since_ms: u64,
    },
    /// In alarm.
    Active,
    /// In alarm, the value is back.
    Returning {
        /// The reading from which the off-delay runs; none after a reading without a value, until the next Good one.
        since_ms: Option<u64>,
    },
}

/// The condition became true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// True, as of this time.
    Rose {
        /// The reading's time, or when the on-delay was over.
        at_ms: u64,
    },
    /// False, as of this time.
    Fell {
        /// The reading's time, or when the off-delay was over.
        at_ms: u64,
    },
}

impl Condition {
    /// True while in alarm.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::Returning { .. })
    }

    /// The condition as it was before a restart: a delay that ran starts again with the next reading.
    #[must_use]
    pub const fn restored(active: bool) -> Self {
        if active { Self::Active } else { Self::Clear }
    }

    /// Takes a reading. Call [`Self::elapse`] with the same time first.
    pub fn reading(&mut self, limit: &Limit, value: f64, at_ms: u64) -> Option<Edge> {
        match *self {
            Self::Clear if limit.is_beyond(value) => {
                *self = Self::Pending { since_ms: at_ms };
                self.elapse(limit, at_ms)
            }
            Self::Pending { .. } if !limit.is_beyond(value) => {
                *self = Self::Clear;
                None
            }
            Self::Active if limit.is_clear(value) => {
                *self = Self::Returning { since_ms: Some(at_ms) };
                self.elapse(limit, at_ms)
            }
            Self::Returning { .. } if !limit.is_clear(value) => {
                *self = Self::Active;
                None
            }
            Self::Returning { since_ms: None } => {
                *self = Self::Returning { since_ms: Some(at_ms) };
                self.elapse(limit, at_ms)
            }
            Self::Clear | Self::Pending { .. } | Self::Active | Self::Returning { .. } => None,
        }
    }

    /// There was no value to judge: an off-delay stops until the next one, all else goes on.
    pub const fn no_value(&mut self) {
        if let Self::Returning { .. } = self {
            *self = Self::Returning { since_ms: None };
        }
    }

    /// When a running delay is over.
    #[must_use]
    pub const fn due_ms(&self, limit: &Limit) -> Option<u64> {
        match *self {
            Self::Pending { since_ms } => Some(since_ms.saturating_add(limit.on_delay_ms)),
            Self::Returning { since_ms: Some(since_ms) } => {
                Some(since_ms.saturating_add(limit.off_delay_ms))
            }
            Self::Clear | Self::Active | Self::Returning { since_ms: None } => None,
        }
    }

    /// Time has come to `now_ms`: ends a delay that is over, as of the time at which it was due.
    pub fn elapse(&mut self, limit: &Limit, now_ms: u64) -> Option<Edge> {
        let at_ms = self.due_ms(limit).filter(|due_ms| *due_ms <= now_ms)?;
        if matches!(self, Self::Pending { .. }) {
            *self = Self::Active;
            Some(Edge::Rose { at_ms })
        } else {
            *self = Self::Clear;
            Some(Edge::Fell { at_ms })
        }
    }
}
