//! Whether an alarm that judges a distance, a rate, a state or a result entered by hand could ever be raised, and
//! then clear.

use super::alarm::AlarmText;
use super::parameter::ParameterText;
use super::{Entry, Watch};

/// Notes limits that nothing could cross, deadbands that never clear, and what a parameter entered by hand cannot have.
pub(super) fn check_reach(parameters: &[ParameterText<'_>], alarms: &[AlarmText<'_>]) {
    for alarm in alarms {
        check_deadband(alarm);
        let own = parameters
            .iter()
            .find(|parameter| alarm.parameter.is_some() && parameter.name == alarm.parameter);
        if let Some(own) = own {
            check_limit(alarm, own);
            if own.entry == Some(Entry::Manual) {
                check_manual(alarm);
            }
        }
    }
}

fn check_deadband(alarm: &AlarmText<'_>) {
    let Some(deadband) = alarm.deadband else { return };
    match (&alarm.watch, alarm.limit) {
        (Some(Watch::Deviation { .. } | Watch::Rate { .. }), Some(limit)) if deadband >= limit => {
            alarm.section.problem(
                "deadband",
                format!(
                    "{deadband} is not smaller than the limit {limit}: the alarm could never clear"
                ),
            );
        }
        (Some(Watch::States(_)), _) if deadband > 0.0 => {
            alarm.section.problem("deadband", "states have no deadband: leave it out");
        }
        _ => {}
    }
}

fn check_limit(alarm: &AlarmText<'_>, own: &ParameterText<'_>) {
    let Some(limit) = alarm.limit else { return };
    match (&alarm.watch, own.range) {
        (Some(Watch::Deviation { reference }), Some((low, high))) => {
            let farthest = match (reference, own.set_point) {
                (None, Some(set_point)) => (set_point - low).max(high - set_point),
                (Some(_), _) | (None, None) => high - low,
            };
            if limit >= farthest {
                alarm.section.problem(
                    "limit",
                    format!("{limit} is not below {farthest}, the farthest that a value in the parameter's range [{low}, {high}] can be from its set-point: no value could ever cross it"),
                );
            }
        }
        (Some(Watch::Rate { .. }), _) => {
            if let Some(fastest) = own.max_rate_per_min.filter(|fastest| limit >= *fastest) {
                alarm.section.problem(
                    "limit",
                    format!("{limit} is not below the parameter's max_rate_per_min {fastest}: a change that fast is not believed, so the alarm could never be raised"),
                );
            }
        }
        _ => {}
    }
}

fn check_manual(alarm: &AlarmText<'_>) {
    if let Some(Watch::Rate { .. } | Watch::States(_)) = alarm.watch {
        alarm.section.problem(
            "kind",
            "the parameter is entered by hand, a number now and then: use LL, L, H, HH or deviation",
        );
    }
    for (key, delay) in [("on_delay_s", alarm.on_delay_ms), ("off_delay_s", alarm.off_delay_ms)] {
        if delay.is_some_and(|delay| delay > 0) {
            alarm.section.problem(
                key,
                "the parameter is entered by hand: one result is judged at once; leave it out",
            );
        }
    }
}
