//! What a message says: unit, what, value and limit, since when, by when, what to do. No patient data.

use std::fmt::Write;

use cellwatch_core::serve::escalation::{Item, Notification, Stage};
use cellwatch_model::Utc;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where messages come from.
#[derive(Clone, Debug)]
pub struct Site {
    /// Name of the site for people.
    pub name: String,
    /// Id of the agent.
    pub agent: String,
    /// The site's time zone.
    pub time_zone: TimeZone,
}

/// Subject and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The text, plain.
    pub text: String,
}

/// A message in words, sent at `now`.
#[must_use]
pub fn letter(site: &Site, message: &Notification, now: Utc) -> Letter {
    let Notification { id, route, items, left_out, .. } = message;
    let sent = site.time(now);
    let end = format!(
        "Sent by cellwatch (agent {}), message {id} to {route}, {sent}.\nDo not answer this message: acknowledge at the operator page on site.\n",
        site.agent
    );
    let Some(first) = items.first() else {
        return Letter {
            subject: format!("[cellwatch] Test: {}", site.name),
            text: format!(
                "{}: this is a test of the route {route}. Nobody has to come.\n\n{end}",
                site.name
            ),
        };
    };
    let more = items.len() as u64 - 1 + left_out;
    let and_more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let unanswered = items.iter().any(|item| item.stage == Stage::Unanswered);
    let not_answered = if unanswered { "NOT ACKNOWLEDGED: " } else { "" };
    let priority = first.priority.word().to_uppercase();
    let subject =
        format!("[cellwatch] {not_answered}{priority}: {}, {}{and_more}", first.name, first.alarm);
    let mut text = match more {
        0 => format!("{}: an alarm calls and nobody has acknowledged it.\n", site.name),
        _ => format!("{}: {} alarms call and nobody has acknowledged them.\n", site.name, more + 1),
    };
    for item in items {
        paragraph(&mut text, site, item, now);
    }
    if *left_out > 0 {
        let _ = writeln!(text, "\nand {left_out} more, which the operator page shows.");
    }
    text.push('\n');
    text.push_str(&end);
    Letter { subject, text }
}

fn paragraph(text: &mut String, site: &Site, item: &Item, now: Utc) {
    let priority = item.priority.word().to_uppercase();
    let mut lines = vec![format!("{priority}  {}  {}", item.name, item.alarm)];
    let with_unit =
        |number: f64| format!("{number} {}", item.unit_of_measure).trim_end().to_owned();
    let value = item.value.map(|value| format!(" is {}", with_unit(value))).unwrap_or_default();
    let limit = item.limit.map(|limit| format!(", limit {}", with_unit(limit))).unwrap_or_default();
    lines.push(format!("{}{value}{limit}, since {}", item.source, site.time(item.since)));
    if let Some(respond_by) = item.respond_by {
        let left_s = respond_by.0.saturating_sub(now.0) / 1_000_000_000;
        let by = site.time(respond_by);
        lines.push(match left_s {
            ..0 => format!("Somebody should have responded by {by}: {} ago.", span(-left_s)),
            0.. => format!("Respond by {by}: {} left.", span(left_s)),
        });
    }
    if item.stage == Stage::Unanswered {
        lines.push("Nobody has acknowledged it within its time to respond.".to_owned());
    }
    if !item.response.is_empty() {
        lines.push(format!("What to do: {}", item.response));
    }
    let _ = write!(text, "\n{}\n", lines.join("\n  "));
}

fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

impl Site {
    fn time(&self, utc: Utc) -> String {
        let Ok(timestamp) = Timestamp::from_nanosecond(i128::from(utc.0)) else {
            return format!("{} ns after 1970", utc.0);
        };
        timestamp.to_zoned(self.time_zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }
}
