//! The numbers for people.

use crate::report::Report;

/// The numbers in a few lines.
#[must_use]
pub fn summary(report: &Report) -> String {
    let latency = match (report.alarm_latency_ms_p50, report.alarm_latency_ms_p99) {
        (Some(p50), Some(p99)) => {
            format!("\n                 verified after {p50:.0} ms (median), {p99:.0} ms (99 %)")
        }
        (None, _) | (_, None) => String::new(),
    };
    let suppressed = match report.alarms_suppressed {
        0 => String::new(),
        count => format!(", {count} of them outside of their phase and shown to nobody"),
    };
    format!(
        "
  ran            {} s, clock {}
  records        {} in the agent's journal, {} verified at the Control Site
                 {} gaps, {} duplicates, {} refused
  alarms         {} raised{suppressed}{latency}",
        report.seconds,
        report.clock,
        report.published,
        report.verified,
        report.gaps,
        report.duplicates,
        report.refused,
        report.alarms_raised,
    )
}
