//! Whether the limits of each parameter make sense together, phase by phase.

use cellwatch_model::LimitKind;

use super::alarm::AlarmText;
use super::parameter::ParameterText;
use super::phase::PhaseText;

/// Notes limits outside the range, LL < L < H < HH broken, two of a kind at once, deadbands that never clear and
/// set-points that are in alarm.
pub(super) fn check_limits(
    parameters: &[ParameterText<'_>],
    phases: &[PhaseText<'_>],
    alarms: &[AlarmText<'_>],
) {
    for parameter in parameters {
        let Some(name) = &parameter.name else {
            continue;
        };
        let its: Vec<Limit<'_>> = alarms
            .iter()
            .filter(|alarm| alarm.parameter.as_ref() == Some(name))
            .filter_map(Limit::of)
            .collect();
        for (at, alarm) in its.iter().enumerate() {
            in_range(parameter, alarm);
            set_point(parameter, alarm);
            for earlier in &its[..at] {
                in_order(earlier, alarm, phases);
            }
            deadband(parameter, alarm, &its);
        }
    }
}

/// An alarm of which kind and limit are readable.
struct Limit<'a> {
    text: &'a AlarmText<'a>,
    kind: LimitKind,
    limit: f64,
}

impl<'a> Limit<'a> {
    fn of(text: &'a AlarmText<'a>) -> Option<Self> {
        let kind = text.kind.filter(|kind| kind.code() <= LimitKind::HighHigh.code())?;
        Some(Self { text, kind, limit: text.limit? })
    }

    /// LL 0, L 1, H 2, HH 3.
    fn rank(&self) -> u8 {
        self.kind.code()
    }

    fn is_high(&self) -> bool {
        self.rank() >= LimitKind::High.code()
    }
}

/// Strictly inside: a value beyond the range is no value, so a limit on its end could never be crossed.
fn in_range(parameter: &ParameterText<'_>, alarm: &Limit<'_>) {
    let Some((low, high)) = parameter.range else {
        return;
    };
    let limit = alarm.limit;
    if limit <= low || limit >= high {
        alarm.text.section.problem(
            "limit",
            format!("{limit} is not inside the parameter's range [{low}, {high}]: no value could ever cross it"),
        );
    }
}

fn set_point(parameter: &ParameterText<'_>, alarm: &Limit<'_>) {
    let Some(set_point) = parameter.set_point else {
        return;
    };
    let limit = alarm.limit;
    let beyond = if alarm.is_high() { set_point >= limit } else { set_point <= limit };
    if beyond {
        alarm.text.section.problem(
            "limit",
            format!(
                "the parameter's set_point {set_point} (line {}) is beyond this {} limit {limit}: mend one; leave set_point out where it differs by phase",
                parameter.section.line(),
                alarm.kind
            ),
        );
    }
}

fn in_order(earlier: &Limit<'_>, later: &Limit<'_>, phases: &[PhaseText<'_>]) {
    if !earlier.text.meets(later.text) {
        return;
    }
    let when = shared_phase(earlier, later, phases);
    let line = earlier.text.section.line();
    if earlier.kind == later.kind {
        later.text.section.problem(
            "kind",
            format!("the alarm in line {line} is also {} {when}: a parameter has one of a kind at a time", later.kind),
        );
        return;
    }
    let (lower, upper) =
        if earlier.rank() < later.rank() { (earlier, later) } else { (later, earlier) };
    if lower.limit >= upper.limit {
        later.text.section.problem(
            "limit",
            format!(
                "{} {} must lie below {} {} {when} (the other is in line {line}): LL < L < H < HH",
                lower.kind, lower.limit, upper.kind, upper.limit
            ),
        );
    }
}

fn shared_phase(one: &Limit<'_>, other: &Limit<'_>, phases: &[PhaseText<'_>]) -> String {
    let holds = |limit: &Limit<'_>, id: &String| {
        limit.text.phases.as_ref().is_some_and(|its| its.is_empty() || its.contains(id))
    };
    let always = |limit: &Limit<'_>| limit.text.phases.as_ref().is_some_and(Vec::is_empty);
    if always(one) && always(other) {
        return "in every phase".to_owned();
    }
    let mut ids = phases.iter().filter_map(|phase| phase.id.as_ref());
    match ids.find(|id| holds(one, id) && holds(other, id)) {
        Some(id) => format!("in phase {id}"),
        None => "in the same phase".to_owned(),
    }
}

/// The value must be able to clear before it meets the nearest limit of the other side, or the range's end.
fn deadband(parameter: &ParameterText<'_>, alarm: &Limit<'_>, its: &[Limit<'_>]) {
    let Some(deadband) = alarm.text.deadband else {
        return;
    };
    let other_side = its
        .iter()
        .filter(|other| other.is_high() != alarm.is_high() && other.text.meets(alarm.text));
    let end = parameter.range.map(|(low, high)| if alarm.is_high() { low } else { high });
    let distance =
        |bound: f64| if alarm.is_high() { alarm.limit - bound } else { bound - alarm.limit };
    // Limits in the wrong order are a problem of their own.
    let distances = other_side.map(|other| distance(other.limit)).chain(end.map(distance));
    let Some(room) = distances.filter(|room| *room > 0.0).reduce(f64::min) else {
        return;
    };
    if deadband >= room {
        alarm.text.section.problem(
            "deadband",
            format!("{deadband} is not smaller than {room}, the distance to the opposite limit or end of range: the alarm could never clear"),
        );
    }
}
