//! The parameters of a Master File against the profiles in use.

use super::master_file::{Checking, Used};
use crate::master_file::{Alarm, Entry, Parameter, Watch};
use crate::profile::{self, DataType};

impl Checking<'_> {
    pub(super) fn parameter(&mut self, wanted: &Parameter, used: &[Used<'_>]) {
        let mut found = false;
        for Used { path, profile, .. } in used {
            let Some(has) = profile.parameter(&wanted.name) else {
                continue;
            };
            found = true;
            let path = path.display().to_string();
            match wanted.entry {
                Entry::Device => self.polled(wanted, has, &path),
                Entry::Manual => self.of(
                    wanted,
                    "entry",
                    format!("is \"manual\", but a device gives {} too, by {path}: a parameter has one source; rename one", wanted.name),
                ),
            }
        }
        if !found && wanted.entry == Entry::Device {
            self.of(
                wanted,
                "name",
                "no device of a unit provides this parameter: add it to a profile, mend the name, or write entry = \"manual\""
                    .to_owned(),
            );
        }
    }

    fn of(&mut self, parameter: &Parameter, field: &str, message: String) {
        self.problem(format!("parameter[{}].{field}", parameter.name), message);
    }

    fn polled(&mut self, wanted: &Parameter, has: &profile::Parameter, path: &str) {
        let master_file = self.master_file;
        let mut its = master_file.alarms.iter().filter(|alarm| alarm.parameter == wanted.name);
        let only_states = its.clone().next().is_some() && its.all(judges_states);
        if matches!(has.data_type, DataType::Text(_)) && !only_states {
            self.of(
                wanted,
                "name",
                format!("is text in {path}: only numbers and states can be judged"),
            );
        }
        if has.unit != wanted.unit {
            self.of(
                wanted,
                "unit",
                format!("is {}, but {path} gives {}: write the same unit", wanted.unit, has.unit),
            );
            return;
        }
        self.times(wanted, has, path);
        self.range(wanted, has, path);
    }

    fn times(&mut self, wanted: &Parameter, has: &profile::Parameter, path: &str) {
        let period_ms = has.period_ms;
        let polled = format!("{path} polls it every {} s", seconds(period_ms));
        if wanted.stale_after_ms < period_ms {
            self.of(
                wanted,
                "stale_after_s",
                format!("is below the time between two polls, {polled}: every value would be stale; about five polls are right"),
            );
        }
        if wanted.sampling_ms.is_some_and(|sampling| sampling < period_ms) {
            self.of(wanted, "sampling_s", format!("is not kept: {polled}"));
        }
    }

    fn range(&mut self, wanted: &Parameter, has: &profile::Parameter, path: &str) {
        let Some((low, high)) = has.range else {
            return;
        };
        if wanted.range.0 < low || wanted.range.1 > high {
            self.of(
                wanted,
                "range",
                format!(
                    "[{}, {}] reaches beyond what the sensor can measure, [{low}, {high}] in {path}: narrow it",
                    wanted.range.0, wanted.range.1
                ),
            );
        }
        let master_file = self.master_file;
        let values = |alarm: &&Alarm| alarm.parameter == wanted.name && alarm.watch == Watch::Value;
        let alarms = master_file.alarms.iter().filter(values);
        for alarm in alarms.filter(|alarm| alarm.limit <= low || alarm.limit >= high) {
            self.problem(
                format!("alarm[{}].limit", alarm.id),
                format!(
                    "{} is not inside what the sensor can measure, [{low}, {high}] in {path}: no value could ever cross it",
                    alarm.limit
                ),
            );
        }
    }
}

fn judges_states(alarm: &Alarm) -> bool {
    matches!(alarm.watch, Watch::States(_))
}

/// Milliseconds as seconds, for messages.
pub(super) fn seconds(ms: u64) -> String {
    match ms % 1000 {
        0 => (ms / 1000).to_string(),
        rest => format!("{}.{}", ms / 1000, format!("{rest:03}").trim_end_matches('0')),
    }
}
