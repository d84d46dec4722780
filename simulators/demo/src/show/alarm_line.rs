//! A change of an alarm in one line.

use crate::watch::{AlarmChange, RAISED};

/// One line: unit, alarm, what happened, by which value, and how long the news took.
#[must_use]
pub fn alarm_line(change: &AlarmChange) -> String {
    let unit = if change.unit.is_empty() { "agent" } else { &change.unit };
    let time = change.at_utc.get(11..19).unwrap_or(&change.at_utc);
    let head = format!("{unit:<6} {:<14} {:<13}", change.alarm, change.transition);
    let tail = format!("at {time} UTC, here {:.0} ms later", change.latency_ms.max(0.0));
    format!("{head} {:<34} {tail}", why(change))
}

fn why(change: &AlarmChange) -> String {
    let unit = &change.unit_of_measure;
    match (change.value, change.limit) {
        (Some(value), Some(limit)) => format!("{value} {unit}, limit {limit} {unit}"),
        (Some(value), None) => format!("{value} {unit}"),
        (None, _) if change.transition == RAISED => {
            format!("{}: {}", change.source, change.quality)
        }
        (None, _) => change.source.clone(),
    }
}
