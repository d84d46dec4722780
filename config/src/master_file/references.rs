//! What alarms name: set-points to be compared with, alarms that explain them.

use super::Watch;
use super::alarm::AlarmText;
use super::parameter::ParameterText;

/// Notes references that lead nowhere or to another unit of measure, and alarms that explain each other in a circle.
pub(super) fn check_references(parameters: &[ParameterText<'_>], alarms: &[AlarmText<'_>]) {
    let parameter =
        |name: &String| parameters.iter().find(|parameter| parameter.name.as_ref() == Some(name));
    for alarm in alarms {
        let Some(Watch::Deviation { reference }) = &alarm.watch else { continue };
        let Some(own) = alarm.parameter.as_ref().and_then(parameter) else { continue };
        match reference {
            None if own.set_point.is_none() => alarm.section.problem(
                "reference",
                "neither this alarm names the set-point's parameter nor has its parameter a set_point: write one",
            ),
            None => {}
            Some(name) => match parameter(name) {
                None => alarm.section.problem(
                    "reference",
                    format!("there is no parameter {name:?}: add a [[parameter]] or mend the name"),
                ),
                Some(other) if other.unit != own.unit => alarm.section.problem(
                    "reference",
                    format!("{name} has another unit of measure than the alarm's parameter"),
                ),
                Some(_) => {}
            },
        }
    }
    for alarm in alarms {
        for (index, id) in alarm.suppressed_by.iter().flatten().enumerate() {
            if !alarms.iter().any(|other| other.id.as_ref() == Some(id)) {
                let message = format!("there is no alarm {id:?}: add an [[alarm]] or mend the id");
                alarm.section.problem_in("suppressed_by", index, message);
            }
        }
        if let Some(id) = &alarm.id
            && explained_by(alarm, alarms).contains(&id)
        {
            alarm.section.problem(
                "suppressed_by",
                format!("{id} would in the end suppress itself: break the circle"),
            );
        }
    }
}

/// Everything that suppresses the alarm, directly or through others.
fn explained_by<'a>(alarm: &'a AlarmText<'_>, alarms: &'a [AlarmText<'_>]) -> Vec<&'a String> {
    let mut found: Vec<&String> = alarm.suppressed_by.iter().flatten().collect();
    let mut next = 0;
    while let Some(id) = found.get(next).copied() {
        next += 1;
        let further = alarms.iter().filter(|other| other.id.as_ref() == Some(id));
        for id in further.flat_map(|other| other.suppressed_by.iter().flatten()) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}
