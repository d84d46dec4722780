//! What the file says, in the order in which a reviewer reads it.

use cellwatch_model::Utc;

use super::columns::{columns, time};
use super::limits;
use crate::master_file::{Activation, Alarm, AlarmsMeant, DeviationWhen, Entry, MasterFile, Watch};

pub(super) fn told(file: &MasterFile) -> String {
    let sections = [head(file), phases(file), limits::told(file), others(file), by_hand(file)];
    sections.concat() + &deviations(file) + &routes(file)
}

fn date(utc: Utc) -> String {
    let at = jiff::Timestamp::from_nanosecond(i128::from(utc.0)).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn head(file: &MasterFile) -> String {
    let begins = match file.activation {
        Activation::NextBatch => "with the next batch".to_owned(),
        Activation::AtOnce => format!("at once, because: {}", file.reason),
    };
    let mut text = format!(
        "{} version {}: {}\nvalid {} to {}, replaces the one in force {begins}\nsites: {}\n",
        file.id,
        file.version,
        file.product,
        date(file.effective),
        date(file.expires),
        file.sites.join(", ")
    );
    for equipment in &file.equipment {
        let any = |list: &[String]| match list {
            [] => "any".to_owned(),
            some => some.join(", "),
        };
        text += &format!(
            "equipment: {}, serial numbers: {}, firmware: {}\n",
            equipment.profile,
            any(&equipment.serials),
            any(&equipment.firmware)
        );
    }
    text
}

fn phases(file: &MasterFile) -> String {
    let header = ["phase", "name", "at least", "at most", "then"].map(str::to_owned).to_vec();
    let mut rows = vec![header];
    for phase in &file.phases {
        let duration = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), time);
        let next = match file.following(&phase.id).join(" or ") {
            none if none.is_empty() => "end".to_owned(),
            next => next,
        };
        rows.push(vec![
            phase.id.clone(),
            phase.name.clone(),
            duration(phase.min_duration_ms),
            duration(phase.max_duration_ms),
            next,
        ]);
    }
    format!("\nPhases\n\n{}", columns(&rows))
}

/// Alarms that judge something else than the value.
fn others(file: &MasterFile) -> String {
    let rows: Vec<Vec<String>> =
        file.alarms.iter().filter_map(|alarm| other(file, alarm)).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\nOther alarms\n\n{}", columns(&rows))
}

fn other(file: &MasterFile, alarm: &Alarm) -> Option<Vec<String>> {
    let unit = file.parameter(&alarm.parameter).map_or("", |parameter| parameter.unit.symbol());
    let Alarm { parameter, limit, .. } = alarm;
    let what = match &alarm.watch {
        Watch::Value => return None,
        Watch::Deviation { reference } => {
            let from = reference.as_deref().unwrap_or("its set-point");
            format!("{parameter} more than {limit} {unit} from {from}")
        }
        Watch::Rate { window_ms } => {
            format!("{parameter} faster than {limit} {unit} per minute over {}", time(*window_ms))
        }
        Watch::States(states) => format!("{parameter} is {}", states.join(" or ")),
    };
    let phases = match alarm.phases.as_slice() {
        [] => "always".to_owned(),
        some => some.join(", "),
    };
    Some(vec![alarm.id.clone(), what, format!("for {}", time(alarm.on_delay_ms)), phases])
}

fn by_hand(file: &MasterFile) -> String {
    let rows: Vec<Vec<String>> = file
        .parameters
        .iter()
        .filter(|parameter| parameter.entry == Entry::Manual)
        .map(|parameter| {
            let due = parameter.sampling_ms.map_or_else(
                || "when somebody takes one".to_owned(),
                |ms| format!("every {}", time(ms)),
            );
            let second = if parameter.second_person { "two people" } else { "one person" };
            let name = format!("{}, {}", parameter.name, parameter.unit);
            vec![name, due, format!("counts for {}", time(parameter.stale_after_ms)), second.into()]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\nResults entered by hand\n\n{}", columns(&rows))
}

fn deviations(file: &MasterFile) -> String {
    let rows: Vec<Vec<String>> = file
        .deviations
        .iter()
        .map(|rule| {
            let of = |of: &AlarmsMeant| match of {
                AlarmsMeant::Alarm(id) => id.clone(),
                AlarmsMeant::Parameter(name) => format!("an action limit of {name}"),
                AlarmsMeant::Critical => "an action limit of a critical parameter".to_owned(),
            };
            let when = match &rule.when {
                DeviationWhen::ActionLimit { of: alarms, after_ms } => {
                    format!("{} stands for {}", of(alarms), time(*after_ms))
                }
                DeviationWhen::DataGap { parameter, after_ms } => {
                    let of = parameter.as_deref().unwrap_or("a critical parameter");
                    format!("{of} has no believable value for {}", time(*after_ms))
                }
                DeviationWhen::LateAcknowledgement { of: alarms, after_ms } => {
                    let after = after_ms.map_or_else(|| "its time to respond".to_owned(), time);
                    format!("{} is not acknowledged within {after}", of(alarms))
                }
            };
            vec![rule.id.clone(), when]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\nA deviation candidate is opened when\n\n{}", columns(&rows))
}

fn routes(file: &MasterFile) -> String {
    let rows: Vec<Vec<String>> = file
        .routes
        .iter()
        .map(|route| {
            let priorities: Vec<String> =
                route.priorities.iter().map(ToString::to_string).collect();
            let when = route.escalate_after_ms.map_or_else(
                || "at once".to_owned(),
                |ms| format!("when nobody has acknowledged for {}", time(ms)),
            );
            vec![route.name.clone(), priorities.join(", "), when, route.to.join(", ")]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\nAlarms are sent to\n\n{}", columns(&rows))
}
