//! What is allowed but what a reviewer may ask about.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cellwatch_model::{LimitKind, Priority};

use crate::master_file::{Alarm, MasterFile, Watch};
use crate::profile::Profile;

/// Share of alarms of the two highest priorities, percent: the field's guide is 80 low, 15 medium, 5 high
/// (ISA-18.2, monitoring and assessment).
const URGENT_PERCENT: usize = 20;

/// Questions, one a line; empty where there are none.
pub(super) fn told(file: &MasterFile, profiles: &BTreeMap<PathBuf, Profile>) -> String {
    let mut asked = unknown_profiles(file, profiles);
    asked.extend(unjudged(file));
    asked.extend(same_response(file));
    asked.extend(urgent(file));
    if asked.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = asked.iter().map(|line| format!("  {line}\n")).collect();
    format!("\nTo think about: allowed, but a reviewer may ask\n\n{}", lines.concat())
}

fn unknown_profiles(file: &MasterFile, profiles: &BTreeMap<PathBuf, Profile>) -> Vec<String> {
    let listed = file.equipment.iter().map(|equipment| &equipment.profile);
    let missing = listed.filter(|id| !profiles.values().any(|profile| profile.id == **id));
    missing
        .map(|id| format!("profile {id} was not given, so nothing was checked against it"))
        .collect()
}

/// Critical parameters that nothing judges in some phase.
fn unjudged(file: &MasterFile) -> Vec<String> {
    let mut asked = Vec::new();
    for parameter in file.parameters.iter().filter(|parameter| parameter.critical) {
        let judged = |phase: &str| {
            let mut alarms = file.alarms.iter();
            alarms.any(|one| one.parameter == parameter.name && one.applies_in(Some(phase)))
        };
        let phases: Vec<&str> =
            file.phases.iter().map(|phase| phase.id.as_str()).filter(|id| !judged(id)).collect();
        if !phases.is_empty() {
            let name = &parameter.name;
            asked.push(format!(
                "{name} is critical, but no alarm judges it in {}",
                phases.join(", ")
            ));
        }
    }
    asked
}

/// An action limit is of use only where it asks for something else than the alert limit did.
fn same_response(file: &MasterFile) -> Vec<String> {
    let alert_of = |action: &Alarm| {
        const ALERTS: [(LimitKind, LimitKind); 2] =
            [(LimitKind::LowLow, LimitKind::Low), (LimitKind::HighHigh, LimitKind::High)];
        let (_, kind) = ALERTS.into_iter().find(|(kind, _)| *kind == action.kind)?;
        file.alarms.iter().find(|alert| {
            alert.parameter == action.parameter
                && alert.kind == kind
                && alert.watch == Watch::Value
                && alert.response == action.response
        })
    };
    let pairs = file.alarms.iter().filter_map(|action| Some((action, alert_of(action)?)));
    let said = |(action, alert): (&Alarm, &Alarm)| {
        format!("{} asks for the same response as {}: is it needed?", action.id, alert.id)
    };
    pairs.map(said).collect()
}

fn urgent(file: &MasterFile) -> Option<String> {
    let all = file.alarms.len();
    let is_urgent = |alarm: &&Alarm| matches!(alarm.priority, Priority::Critical | Priority::High);
    let urgent = file.alarms.iter().filter(is_urgent).count();
    (urgent * 100 > all * URGENT_PERCENT).then(|| {
        format!("{urgent} of {all} alarms are critical or high: where much is urgent, nothing is; the field's guide is {URGENT_PERCENT} % together")
    })
}
