//! `[[deviation]]` of a Master File: when a deviation candidate is opened for QA.

use cellwatch_model::LimitKind;

use super::alarm::AlarmText;
use super::parameter::ParameterText;
use super::{
    AlarmsMeant, DeviationRule, DeviationWhen, PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN,
};
use crate::reader::{Section, Value, Word};
use crate::site::{NAME, name_ok};

/// Longest time that a rule may wait, seconds: a week.
const LONGEST_S: f64 = 604_800.0;

/// The word of `when`; what else is read depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    ActionLimit,
    DataGap,
    LateAcknowledgement,
}

impl Word for When {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("action-limit", Self::ActionLimit),
        ("data-gap", Self::DataGap),
        ("late-acknowledgement", Self::LateAcknowledgement),
    ];
}

pub(super) fn deviations(
    root: &Section<'_>,
    parameters: &[ParameterText<'_>],
    alarms: &[AlarmText<'_>],
) -> Option<Vec<DeviationRule>> {
    let rules: Vec<Option<DeviationRule>> = root
        .tables("deviation", "id")
        .iter()
        .map(|section| deviation(section, parameters, alarms))
        .collect();
    rules.into_iter().collect()
}

fn deviation(
    section: &Section<'_>,
    parameters: &[ParameterText<'_>],
    alarms: &[AlarmText<'_>],
) -> Option<DeviationRule> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let when = section.must("when", Value::word);
    let parameter = section.maybe("parameter", Value::text);
    // A gap is a parameter's, not an alarm's: there the key is not known.
    let alarm = match when {
        Some(When::DataGap) => Some(None),
        Some(When::ActionLimit | When::LateAcknowledgement) | None => {
            section.maybe("alarm", Value::text)
        }
    };
    let time = |time: &Value<'_>| time.duration_ms(1000, 0.0..=LONGEST_S);
    let after_ms = match when {
        Some(When::LateAcknowledgement) | None => section.maybe("after_s", time),
        Some(When::ActionLimit | When::DataGap) => section.must("after_s", time).map(Some),
    };
    let description = section.must("description", Value::text);
    section.finish();
    if let (Some(parameter), Some(alarm)) = (&parameter, &alarm) {
        let has_time = after_ms != Some(None);
        let means = (parameter.as_ref(), alarm.as_ref());
        check_means(section, (when, has_time), means, parameters, alarms);
    }
    let (parameter, alarm) = (parameter?, alarm?);
    let of = match (parameter.clone(), alarm) {
        (_, Some(alarm)) => AlarmsMeant::Alarm(alarm),
        (Some(parameter), None) => AlarmsMeant::Parameter(parameter),
        (None, None) => AlarmsMeant::Critical,
    };
    let when = match when? {
        When::ActionLimit => DeviationWhen::ActionLimit { of, after_ms: after_ms?? },
        When::DataGap => DeviationWhen::DataGap { parameter, after_ms: after_ms?? },
        When::LateAcknowledgement => DeviationWhen::LateAcknowledgement { of, after_ms: after_ms? },
    };
    Some(DeviationRule { id: id?, when, description: description? })
}

/// Notes names that lead nowhere, and rules that could never open anything.
fn check_means(
    section: &Section<'_>,
    (when, has_time): (Option<When>, bool),
    (parameter, alarm): (Option<&String>, Option<&String>),
    parameters: &[ParameterText<'_>],
    alarms: &[AlarmText<'_>],
) {
    if parameter.is_some() && alarm.is_some() {
        section.problem("alarm", "an alarm has its parameter already: write one of the two");
        return;
    }
    let is_action = |alarm: &&AlarmText<'_>| {
        matches!(alarm.kind, Some(LimitKind::LowLow | LimitKind::HighHigh))
    };
    let is_alert =
        |alarm: &AlarmText<'_>| matches!(alarm.kind, Some(LimitKind::Low | LimitKind::High));
    let all_readable = parameters.iter().all(|one| one.name.is_some() && one.critical.is_some())
        && alarms.iter().all(|one| one.id.is_some() && one.kind.is_some());
    if !all_readable {
        return;
    }
    if let Some(name) = parameter
        && !parameters.iter().any(|one| one.name.as_ref() == Some(name))
    {
        let message =
            format!("there is no parameter {name:?}: add a [[parameter]] or mend the name");
        section.problem("parameter", message);
        return;
    }
    let of_phase =
        alarm.filter(|id| [PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN].contains(&id.as_str()));
    if let Some(id) = of_phase {
        if when == Some(When::ActionLimit) && id == PHASE_UNDERRUN {
            let message = "stands for a moment only: this rule could never open anything";
            section.problem("alarm", message);
        }
        if when == Some(When::LateAcknowledgement) && !has_time {
            section
                .problem("after_s", format!("is missing: {id} has no time to respond of its own"));
        }
        return;
    }
    if let Some(id) = alarm {
        let found = alarms.iter().find(|one| one.id.as_ref() == Some(id));
        let message = match found {
            None => format!("there is no alarm {id:?}: add an [[alarm]] or mend the id"),
            Some(found) if when == Some(When::ActionLimit) && is_alert(found) => {
                format!(
                    "{id} is an alert limit, no action limit: name an alarm of another kind than L and H"
                )
            }
            Some(_) => return,
        };
        section.problem("alarm", message);
        return;
    }
    let critical = |name: &String| {
        parameters.iter().any(|one| one.name.as_ref() == Some(name) && one.critical == Some(true))
    };
    let meant = |of: &String| parameter.map_or_else(|| critical(of), |name| name == of);
    let opens = match when {
        Some(When::DataGap) => {
            parameter.is_some() || parameters.iter().any(|one| one.critical == Some(true))
        }
        Some(When::ActionLimit | When::LateAcknowledgement) => {
            alarms.iter().filter(is_action).any(|one| one.parameter.as_ref().is_some_and(meant))
        }
        None => true,
    };
    if !opens {
        let what = match (when, parameter) {
            (Some(When::DataGap), _) => "there is no critical parameter".to_owned(),
            (_, Some(name)) => format!("{name} has no action limit (LL or HH)"),
            (_, None) => "no critical parameter has an action limit (LL or HH)".to_owned(),
        };
        section.problem("when", format!("{what}: this rule could never open anything"));
    }
}
