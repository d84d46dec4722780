//! What is wrong, in sentences.

use std::collections::BTreeSet;

use super::Report;
use crate::watch::Counts;

/// What is wrong with a demo of so many units in which these alarms (unit, id) should have come.
#[must_use]
pub fn problems(
    report: &Report,
    counts: &Counts,
    units: usize,
    expected: &BTreeSet<(String, String)>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let Report { published, verified, gaps, refused, .. } = *report;
    if published == 0 {
        problems.push("the agent's journal holds no record".to_owned());
    }
    if verified < published {
        problems.push(format!(
            "{} of the {published} records in the agent's journal are not verified at the Control Site",
            published - verified
        ));
    }
    if verified > published {
        problems.push(format!(
            "the Control Site holds {} records that are not in the agent's journal",
            verified - published
        ));
    }
    if gaps > 0 {
        problems.push(format!("the Control Site misses records in {gaps} places"));
    }
    if refused > 0 {
        problems.push(format!(
            "the Control Site refused {refused} messages: table refusals in its database says why"
        ));
    }
    if report.units != units as u64 {
        problems.push(format!("the Control Site has heard of {} of {units} units", report.units));
    }
    for (unit, alarm) in expected.difference(&counts.raised) {
        problems.push(format!(
            "the alarm {alarm} of {unit}, which a broken heater should raise, did not arrive"
        ));
    }
    problems
}
