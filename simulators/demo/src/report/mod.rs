//! The numbers of a demo, and what is wrong with them.

mod problems;

pub use problems::problems;

use serde::Serialize;

use crate::plant::CLOCK;
use crate::watch::{Counts, percentile};

/// The numbers of a demo.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How long everything ran, s.
    pub seconds: f64,
    /// Units that the Control Site has heard of.
    pub units: u64,
    /// Records in the agent's journal.
    pub published: u64,
    /// Records verified and stored at the Control Site.
    pub verified: u64,
    /// Missing ranges at the Control Site.
    pub gaps: u64,
    /// Records that came again.
    pub duplicates: u64,
    /// Messages that the Control Site refused.
    pub refused: u64,
    /// Alarms raised.
    pub alarms_raised: u64,
    /// Of these, those that a rule of the Master File kept from people, such as outside of their phase.
    pub alarms_suppressed: u64,
    /// From an alarm's being raised to its verification, ms: median.
    pub alarm_latency_ms_p50: Option<f64>,
    /// 99th percentile of the same.
    pub alarm_latency_ms_p99: Option<f64>,
    /// What every record says of the clock.
    pub clock: &'static str,
}

impl Report {
    /// Of the agent's journal and the Control Site's database.
    #[must_use]
    pub fn new(seconds: f64, published: u64, counts: &Counts) -> Self {
        let latency =
            |percent| percentile(&counts.latencies_ms, percent).map(|value| rounded(value, 1000.0));
        Self {
            seconds: rounded(seconds, 10.0),
            units: counts.units,
            published,
            verified: counts.verified,
            gaps: counts.gaps,
            duplicates: counts.duplicates,
            refused: counts.refused,
            alarms_raised: counts.alarms_raised,
            alarms_suppressed: counts.alarms_kept_back,
            alarm_latency_ms_p50: latency(50),
            alarm_latency_ms_p99: latency(99),
            clock: CLOCK,
        }
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

#[cfg(test)]
mod tests;
