//! A limit and what lies beyond it.

/// Which side of the limit is abnormal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Above.
    High,
    /// Below.
    Low,
}

/// A limit with its deadband and delays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Which side of it is abnormal.
    pub direction: Direction,
    /// The limit, in the value's unit. The limit itself is still normal.
    pub limit: f64,
    /// How far the value must come back to be clear, in the value's unit, zero or more.
    pub deadband: f64,
    /// How long the value must be beyond before the alarm is raised, milliseconds.
    pub on_delay_ms: u64,
    /// How long the value must be clear before the alarm returns, milliseconds.
    pub off_delay_ms: u64,
}

impl Limit {
    /// True if `value` is abnormal.
    #[must_use]
    pub fn is_beyond(&self, value: f64) -> bool {
        match self.direction {
            Direction::High => value > self.limit,
            Direction::Low => value < self.limit,
        }
    }

    /// True if `value` has come back by the deadband. Without a deadband the limit itself is clear.
    #[must_use]
    pub fn is_clear(&self, value: f64) -> bool {
        // 0.12 - 0.005 is less than 0.115 in binary: what is exactly back by the deadband in decimal is clear.
        let slack = 2.0 * f64::EPSILON * (self.limit.abs() + self.deadband);
        match self.direction {
            Direction::High => value <= self.limit - self.deadband + slack,
            Direction::Low => value >= self.limit + self.deadband - slack,
        }
    }
}
