//! What people saw of a run, line by line; whether that is what was expected; whether the records say the same again.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cellwatch_core::replay::{Replay, Replayed};
use cellwatch_model::{AlarmTransition, IsaState, Mono};
use cellwatch_record::{BatchChange, Body, DeviationChange, Hash, Record};

use crate::run::{Installation, Ran};

/// The times of an expectation may be off by so many minutes: they depend on noise, the order does not.
const MINUTES_OFF: u64 = 3;

/// Something that people saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, minutes of the run.
    pub minute: u64,
    /// What.
    pub what: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.minute / 1440, self.minute % 1440);
        write!(f, "{days} {:02}:{:02} {}", rest / 60, rest % 60, self.what)
    }
}

/// The lines of a run: when an alarm called, when it returned, what became of deviation candidates, phases.
#[must_use]
pub fn lines(ran: &Ran) -> Vec<Line> {
    let mut called = BTreeSet::new();
    ran.records().filter_map(|record| line(&record, &mut called)).collect()
}

/// `called` holds the alarms that called and have not returned.
fn line(record: &Record, called: &mut BTreeSet<String>) -> Option<Line> {
    let (at, what) = match &record.body {
        Body::Alarm(change) => {
            let calls = match change.transition {
                AlarmTransition::Raised
                | AlarmTransition::ReAlarmed
                | AlarmTransition::Unsuppressed
                | AlarmTransition::Unshelved
                | AlarmTransition::ReturnedToService => change.state == IsaState::Unacknowledged,
                AlarmTransition::Returned
                | AlarmTransition::Acknowledged
                | AlarmTransition::Reset
                | AlarmTransition::Shelved
                | AlarmTransition::Suppressed
                | AlarmTransition::OutOfService
                | AlarmTransition::Closed => false,
            };
            let what = if calls {
                called.insert(change.alarm.clone());
                "calls"
            } else if change.transition == AlarmTransition::Returned && called.remove(&change.alarm)
            {
                "returns"
            } else {
                return None;
            };
            (change.at, format!("{} {what}", change.alarm))
        }
        Body::Deviation(deviation) => {
            let rules: Vec<&str> = deviation.rules.iter().map(|(rule, _)| rule.word()).collect();
            let what = match deviation.change {
                DeviationChange::Opened => format!("opened: {}", rules.join(", ")),
                DeviationChange::Updated => return None,
                DeviationChange::Closed => format!("closed: {}", rules.join(", ")),
            };
            let id = format!("{}/{}", deviation.alarm, deviation.occurrence);
            (deviation.at, format!("deviation {id} {what}"))
        }
        Body::Batch(change) => {
            let what = match (change.change, &change.to) {
                (BatchChange::Sealed, _) => "batch sealed".to_owned(),
                (BatchChange::Ended, _) | (_, None) => "phase the end".to_owned(),
                (BatchChange::Started | BatchChange::Phase, Some(to)) => format!("phase {to}"),
            };
            (change.at, what)
        }
        Body::Telemetry(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Event(_)
        | Body::State(_)
        | Body::Health(_) => return None,
    };
    Some(Line { minute: minute(at), what })
}

const fn minute(at: Mono) -> u64 {
    at.0 / 60_000_000_000
}

/// Reads an expectation: a line each, `day hh:mm what`; what follows `#` is for people.
///
/// # Errors
/// A line that is not of this form.
pub fn expectation(text: &str) -> Result<Vec<Line>, String> {
    let mut expected = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let said = line.split('#').next().unwrap_or_default().trim();
        if said.is_empty() {
            continue;
        }
        let wrong = || format!("line {}: \"{line}\" is not `day hh:mm what`", index + 1);
        let (day, rest) = said.split_once(' ').ok_or_else(wrong)?;
        let (time, what) = rest.split_once(' ').ok_or_else(wrong)?;
        let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let minute = number(day)? * 1440 + number(hour)? * 60 + number(minute)?;
        expected.push(Line { minute, what: what.trim().to_owned() });
    }
    Ok(expected)
}

/// The first place where a run is not what was expected, in words; none where it is.
#[must_use]
pub fn difference(expected: &[Line], seen: &[Line]) -> Option<String> {
    for (index, expects) in expected.iter().enumerate() {
        match seen.get(index) {
            None => return Some(format!("expected was: {expects}\nand nothing came any more")),
            Some(line) if line.what != expects.what => {
                return Some(format!("expected was: {expects}\nand it came:  {line}"));
            }
            Some(line) if line.minute.abs_diff(expects.minute) > MINUTES_OFF => {
                return Some(format!(
                    "expected was: {expects}\nand it came at another time: {line}"
                ));
            }
            Some(_) => {}
        }
    }
    seen.get(expected.len()).map(|more| format!("nothing more was expected, and it came: {more}"))
}

/// Judges the records of a run again, under the installation's Master File.
///
/// # Errors
/// What judging needs is not at hand; in words.
pub fn replay(ran: &Ran, installation: &Installation) -> Result<Replayed, String> {
    let file = |sha256: Hash| {
        (sha256 == installation.sha256).then(|| Arc::clone(&installation.master_file))
    };
    let mut replay = Replay::new(&ran.setup, &file);
    for record in ran.records() {
        replay.record(&record).map_err(|error| error.to_string())?;
    }
    Ok(replay.finish())
}
