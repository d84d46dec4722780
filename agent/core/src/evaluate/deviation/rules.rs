//! The rules of a Master File, by the alarm that they are about.

use std::collections::BTreeMap;

use cellwatch_config::master_file::{AlarmsMeant, DeviationWhen, MasterFile};
use cellwatch_record::DeviationRule;

use crate::evaluate::points::{PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN};

/// What a rule waits to see before its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unless {
    /// The alarm returned.
    Returned,
    /// A person acknowledged it.
    Acknowledged,
}

/// A rule about one alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) kind: DeviationRule,
    pub(super) words: String,
    pub(super) after_ms: u64,
    pub(super) unless: Unless,
}

/// The agent's alarm on phases that a rule is about.
fn of_phase(of: &AlarmsMeant) -> Option<String> {
    match of {
        AlarmsMeant::Alarm(id) => {
            [PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN].contains(&id.as_str()).then(|| id.clone())
        }
        AlarmsMeant::Parameter(_) | AlarmsMeant::Critical => None,
    }
}

/// The rules by alarm id. A gap is seen by the instrument alarm of its parameter.
pub(super) fn rules(file: &MasterFile) -> BTreeMap<String, Vec<Rule>> {
    let mut rules: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
    for deviation in &file.deviations {
        let words = format!("{}: {}", deviation.id, deviation.description);
        let mut add = |alarm: String, kind, after_ms, unless| {
            let rule = Rule { kind, words: words.clone(), after_ms, unless };
            rules.entry(alarm).or_default().push(rule);
        };
        match &deviation.when {
            DeviationWhen::ActionLimit { of, after_ms } => {
                if let Some(alarm) = of_phase(of) {
                    add(alarm, DeviationRule::ActionLimit, *after_ms, Unless::Returned);
                }
                for alarm in file.alarms.iter().filter(|alarm| deviation.means(alarm, file)) {
                    let kind = DeviationRule::ActionLimit;
                    add(alarm.id.clone(), kind, *after_ms, Unless::Returned);
                }
            }
            DeviationWhen::DataGap { parameter, after_ms } => {
                let meant = file.parameters.iter().filter(|one| match parameter {
                    Some(name) => one.name == *name,
                    None => one.critical,
                });
                for one in meant {
                    let alarm = format!("{}.BAD", one.name);
                    add(alarm, DeviationRule::DataGap, *after_ms, Unless::Returned);
                }
            }
            DeviationWhen::LateAcknowledgement { of, after_ms } => {
                if let (Some(alarm), Some(after_ms)) = (of_phase(of), after_ms) {
                    let kind = DeviationRule::LateAcknowledgement;
                    add(alarm, kind, *after_ms, Unless::Acknowledged);
                }
                for alarm in file.alarms.iter().filter(|alarm| deviation.means(alarm, file)) {
                    let after_ms = after_ms.unwrap_or(alarm.time_to_respond_s * 1000);
                    let kind = DeviationRule::LateAcknowledgement;
                    add(alarm.id.clone(), kind, after_ms, Unless::Acknowledged);
                }
            }
        }
    }
    rules
}
