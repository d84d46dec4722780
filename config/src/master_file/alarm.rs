//! `[[alarm]]` of a Master File.

use cellwatch_model::{LimitKind, Priority};

use super::handling::Handling;
use super::parameter::ParameterText;
use super::phase::PhaseText;
use super::watch::watch;
use super::{Alarm, AlarmClass, Watch};
use crate::reader::{Section, Value, Word};
use crate::site::{NAME, name_ok};

impl Word for LimitKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("LL", Self::LowLow),
        ("L", Self::Low),
        ("H", Self::High),
        ("HH", Self::HighHigh),
        ("deviation", Self::Deviation),
        ("rate", Self::Rate),
        ("discrete", Self::Discrete),
    ];
}

impl Word for AlarmClass {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("gmp-critical", Self::GmpCritical),
        ("product-quality", Self::ProductQuality),
        ("equipment", Self::Equipment),
        ("data-integrity", Self::DataIntegrity),
        ("security", Self::Security),
        ("utility", Self::Utility),
    ];
}

/// What could be read of an alarm.
pub(super) struct AlarmText<'a> {
    pub(super) section: Section<'a>,
    pub(super) parameter: Option<String>,
    pub(super) kind: Option<LimitKind>,
    pub(super) limit: Option<f64>,
    pub(super) deadband: Option<f64>,
    pub(super) on_delay_ms: Option<u64>,
    pub(super) off_delay_ms: Option<u64>,
    pub(super) phases: Option<Vec<String>>,
    pub(super) id: Option<String>,
    pub(super) watch: Option<Watch>,
    pub(super) suppressed_by: Option<Vec<String>>,
    whole: Option<Alarm>,
}

impl AlarmText<'_> {
    pub(super) fn build(self) -> Option<Alarm> {
        self.whole
    }

    /// True where both are judged in some phase; one without phases is judged always.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (&self.phases, &other.phases) {
            (Some(these), Some(those)) => {
                these.is_empty()
                    || those.is_empty()
                    || these.iter().any(|phase| those.contains(phase))
            }
            // Unreadable phases: nothing is known of when it is judged.
            (None, _) | (_, None) => false,
        }
    }
}

pub(super) fn alarms<'a>(
    root: &Section<'a>,
    parameters: &[ParameterText<'_>],
    phases: &[PhaseText<'_>],
) -> Vec<AlarmText<'a>> {
    let alarms: Vec<AlarmText<'a>> = root.tables("alarm", "id").into_iter().map(alarm).collect();
    let all_parameters = parameters.iter().all(|parameter| parameter.name.is_some());
    let all_phases = phases.iter().all(|phase| phase.id.is_some());
    for alarm in &alarms {
        if let Some(name) = &alarm.parameter
            && all_parameters
            && !parameters.iter().any(|parameter| parameter.name.as_ref() == Some(name))
        {
            let message =
                format!("there is no parameter {name:?}: add a [[parameter]] or mend the name");
            alarm.section.problem("parameter", message);
        }
        for (index, id) in alarm.phases.iter().flatten().enumerate() {
            if all_phases && !phases.iter().any(|phase| phase.id.as_ref() == Some(id)) {
                let message = format!("there is no phase {id:?}: add a [[phase]] or mend the id");
                alarm.section.problem_in("phases", index, message);
            }
        }
    }
    alarms
}

fn alarm(section: Section<'_>) -> AlarmText<'_> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let parameter = section.must("parameter", Value::text);
    let kind = section.must("kind", Value::word);
    let (watch, limit) = watch(&section, kind);
    let deadband = section.or("deadband", 0.0, |deadband| {
        let number = deadband.number()?;
        if number < 0.0 {
            return deadband.problem(format!(
                "{number} is below 0: a value clears on the good side of its limit"
            ));
        }
        Some(number)
    });
    let delay = |delay: &Value<'_>| delay.duration_ms(1000, 0.0..=3600.0);
    let on_delay_ms = section.or("on_delay_s", 0, delay);
    let off_delay_ms = section.or("off_delay_s", 0, delay);
    let priority: Option<Priority> = section.must("priority", Value::word);
    let class: Option<AlarmClass> = section.must("class", Value::word);
    let phases = section.or("phases", Vec::new(), |phases| phases.set(Value::text));
    let latching = section.or("latching", false, Value::boolean);
    let cause = section.must("cause", Value::text);
    let consequence = section.must("consequence", Value::text);
    let response = section.must("response", Value::text);
    let time_to_respond_s = section.must("time_to_respond_s", |time| time.integer(1..=86_400));
    let handling = Handling::read(&section, class);
    section.finish();
    let (known_parameter, known_phases) = (parameter.clone(), phases.clone());
    let (known_id, known_watch) = (id.clone(), watch.clone());
    let suppressed_by = handling.suppressed_by.clone();
    let whole = (|| {
        Some(Alarm {
            id: id?,
            parameter: parameter?,
            kind: kind?,
            watch: watch?,
            limit: limit?,
            deadband: deadband?,
            on_delay_ms: on_delay_ms?,
            off_delay_ms: off_delay_ms?,
            priority: priority?,
            class: class?,
            phases: phases?,
            latching: latching?,
            cause: cause?,
            consequence: consequence?,
            response: response?,
            time_to_respond_s: time_to_respond_s?,
            ack_required: handling.ack_required?,
            comment_required: handling.comment_required?,
            shelve_max_ms: handling.shelve_max_ms?,
            re_alarm_ms: handling.re_alarm_ms?,
            suppressed_by: handling.suppressed_by?,
        })
    })();
    AlarmText {
        section,
        parameter: known_parameter,
        kind,
        limit,
        deadband,
        on_delay_ms,
        off_delay_ms,
        phases: known_phases,
        id: known_id,
        watch: known_watch,
        suppressed_by,
        whole,
    }
}
