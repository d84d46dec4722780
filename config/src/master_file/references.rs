//! What alarms name: set-points to be compared with, alarms that explain them.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_model::LimitKind;

use super::Watch;
use super::alarm::AlarmText;
use super::parameter::ParameterText;

/// Ending of the id of a parameter's instrument alarm, which the agent makes itself.
const INSTRUMENT: &str = ".BAD";

/// Ending of the id of the alarm on a set-point or limit in force on a device, which the agent makes itself.
const DIFFERS: &str = ".DIFFERS";

/// Beginnings of the ids of the agent's own alarms, and of those on order and duration of phases.
const OWN: [&str; 2] = ["AGENT.", "PHASE."];

/// Notes references that lead nowhere or to another unit of measure, alarms that explain each other in a circle, and
/// ids that the agent gives itself.
pub(super) fn check_references(parameters: &[ParameterText<'_>], alarms: &[AlarmText<'_>]) {
    for alarm in alarms {
        check_id(alarm, parameters);
        check_set_point(alarm, parameters);
    }
    check_suppression(alarms);
}

fn check_id(alarm: &AlarmText<'_>, parameters: &[ParameterText<'_>]) {
    let Some(id) = &alarm.id else { return };
    let of_instrument = id.strip_suffix(INSTRUMENT).is_some_and(|name| {
        parameters.iter().any(|parameter| parameter.name.as_deref() == Some(name))
    });
    if of_instrument || id.ends_with(DIFFERS) || OWN.iter().any(|own| id.starts_with(own)) {
        let message =
            format!("{id:?} is the id of an alarm that the agent makes itself: choose another");
        alarm.section.problem("id", message);
    }
}

fn check_set_point(alarm: &AlarmText<'_>, parameters: &[ParameterText<'_>]) {
    let parameter =
        |name: &String| parameters.iter().find(|parameter| parameter.name.as_ref() == Some(name));
    let Some(Watch::Deviation { reference }) = &alarm.watch else { return };
    let Some(own) = alarm.parameter.as_ref().and_then(parameter) else { return };
    let all_readable = parameters.iter().all(|parameter| parameter.name.is_some());
    match reference {
        None if own.set_point.is_none() => alarm.section.problem(
            "reference",
            "neither this alarm names the set-point's parameter nor has its parameter a set_point: write one",
        ),
        None => {}
        Some(name) if alarm.parameter.as_ref() == Some(name) => alarm
            .section
            .problem("reference", "is the alarm's own parameter: it never deviates from itself"),
        Some(name) => match parameter(name) {
            None if all_readable => alarm.section.problem(
                "reference",
                format!("there is no parameter {name:?}: add a [[parameter]] or mend the name"),
            ),
            Some(other) if other.unit != own.unit => alarm.section.problem(
                "reference",
                format!("{name} has another unit of measure than the alarm's parameter"),
            ),
            Some(_) | None => {}
        },
    }
}

fn check_suppression(alarms: &[AlarmText<'_>]) {
    let by_id: BTreeMap<&str, &AlarmText<'_>> =
        alarms.iter().filter_map(|alarm| Some((alarm.id.as_deref()?, alarm))).collect();
    let all_readable = by_id.len() == alarms.len();
    let explained: BTreeMap<&str, Vec<&str>> =
        by_id.iter().map(|(id, alarm)| (*id, explainers(alarm, alarms))).collect();
    for alarm in alarms {
        for (index, id) in alarm.suppressed_by.iter().flatten().enumerate() {
            if all_readable && !by_id.contains_key(id.as_str()) {
                let message = format!("there is no alarm {id:?}: add an [[alarm]] or mend the id");
                alarm.section.problem_in("suppressed_by", index, message);
            }
        }
        // A circle of levels alone there is none: each has an alarm with this key.
        if let Some(id) = &alarm.id
            && alarm.suppressed_by.iter().flatten().next().is_some()
            && explained_by(id, &explained).contains(id.as_str())
        {
            alarm.section.problem(
                "suppressed_by",
                format!(
                    "{id} would in the end suppress itself: break the circle (HH suppresses H, and LL suppresses L, of the same parameter by itself)"
                ),
            );
        }
    }
}

/// What suppresses the alarm directly: what it names, and by itself the higher level of the same excursion.
fn explainers<'a>(alarm: &'a AlarmText<'_>, alarms: &'a [AlarmText<'_>]) -> Vec<&'a str> {
    let named = alarm.suppressed_by.iter().flatten().map(String::as_str);
    let higher = match alarm.kind {
        Some(LimitKind::Low) => Some(LimitKind::LowLow),
        Some(LimitKind::High) => Some(LimitKind::HighHigh),
        Some(
            LimitKind::LowLow
            | LimitKind::HighHigh
            | LimitKind::Deviation
            | LimitKind::Rate
            | LimitKind::Discrete
            | LimitKind::Instrument
            | LimitKind::Agent
            | LimitKind::Communication
            | LimitKind::Phase,
        )
        | None => None,
    };
    let is_higher = |other: &&AlarmText<'_>| {
        higher.is_some()
            && other.kind == higher
            && other.parameter.is_some()
            && other.parameter == alarm.parameter
            && other.meets(alarm)
    };
    let levels = alarms.iter().filter(is_higher).filter_map(|other| other.id.as_deref());
    named.chain(levels).collect()
}

/// Everything that suppresses the alarm, directly or through others.
fn explained_by<'a>(id: &str, explained: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let direct = |id: &str| explained.get(id).into_iter().flatten().copied();
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = direct(id).collect();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(direct(id));
        }
    }
    found
}
