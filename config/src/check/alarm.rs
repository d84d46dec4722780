//! The alarms of a Master File against the profiles in use: states that exist, rates that can be seen, set-points
//! that the unit has.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::master_file::{Checking, Used};
use super::parameter::seconds;
use crate::Problem;
use crate::master_file::{Alarm, Entry, MasterFile, Watch};
use crate::profile::{self, DataType, Profile};
use crate::site::Site;

/// Fewest periods that a rate looks back over: below, one reading's noise is the rate.
const RATE_PERIODS_MIN: u64 = 2;

/// Most periods: the agent keeps at most 4096 readings for a rate, and a shorter window would judge another rate
/// than the approved one.
const RATE_PERIODS_MAX: u64 = 4096;

impl Checking<'_> {
    pub(super) fn alarm(&mut self, alarm: &Alarm, used: &[Used<'_>]) {
        for Used { path, profile, .. } in used {
            let Some(has) = profile.parameter(&alarm.parameter) else {
                continue;
            };
            let path = path.display().to_string();
            match &alarm.watch {
                Watch::States(states) => self.states(alarm, states, has, &path),
                Watch::Rate { window_ms } => self.rate(alarm, *window_ms, has, &path),
                Watch::Deviation { .. } | Watch::Value => self.number(alarm, has, &path),
            }
        }
    }

    fn states(&mut self, alarm: &Alarm, states: &[String], has: &profile::Parameter, path: &str) {
        let known: Vec<&str> = match has.data_type {
            _ if !has.values.is_empty() => has.values.values().map(String::as_str).collect(),
            DataType::Bit | DataType::RegisterBit(_) => vec!["true", "false"],
            // A text may be anything.
            DataType::Text(_) => return,
            DataType::U16
            | DataType::I16
            | DataType::U32
            | DataType::I32
            | DataType::U64
            | DataType::I64
            | DataType::F32
            | DataType::F64 => {
                self.problem(
                    format!("alarm[{}].kind", alarm.id),
                    format!("{} is a number without states in {path}: give it values there, or use a limit", alarm.parameter),
                );
                return;
            }
        };
        for (index, state) in states.iter().enumerate() {
            if !known.contains(&state.as_str()) {
                self.problem(
                    format!("alarm[{}].states[{}]", alarm.id, index + 1),
                    format!(
                        "{state:?} is no state of {} in {path}: it has {}",
                        alarm.parameter,
                        known.join(", ")
                    ),
                );
            }
        }
        if known.iter().all(|state| states.iter().any(|named| named == state)) {
            self.problem(
                format!("alarm[{}].states", alarm.id),
                format!(
                    "are all that {} has in {path}: the alarm would always stand",
                    alarm.parameter
                ),
            );
        }
    }

    fn rate(&mut self, alarm: &Alarm, window_ms: u64, has: &profile::Parameter, path: &str) {
        let fits = RATE_PERIODS_MIN * has.period_ms..=RATE_PERIODS_MAX * has.period_ms;
        if !fits.contains(&window_ms) {
            self.problem(
                format!("alarm[{}].window_s", alarm.id),
                format!(
                    "{} is not within {RATE_PERIODS_MIN} to {RATE_PERIODS_MAX} polls, {} to {} s by {path}",
                    seconds(window_ms),
                    seconds(*fits.start()),
                    seconds(*fits.end())
                ),
            );
        }
        self.number(alarm, has, path);
    }

    fn number(&mut self, alarm: &Alarm, has: &profile::Parameter, path: &str) {
        if !has.values.is_empty() {
            self.problem(
                format!("alarm[{}].kind", alarm.id),
                format!(
                    "{} has states in {path}, which no limit can judge: use kind = \"discrete\"",
                    alarm.parameter
                ),
            );
        }
    }
}

/// Endings of the ids of the alarms that the agent makes for each device: that it does not answer, that it is another one.
const OF_DEVICE: [&str; 2] = [".LINK", ".IDENTITY"];

/// Notes alarms whose id is that of an alarm that the agent makes for a device of the site.
pub(super) fn check_ids(file: &str, site: &Site, master_file: &MasterFile) -> Vec<Problem> {
    let device_of = |id: &str| {
        let device = OF_DEVICE.iter().find_map(|ending| id.strip_suffix(ending))?;
        site.device(device).map(|device| device.id.clone())
    };
    let taken = master_file.alarms.iter().filter_map(|alarm| {
        let device = device_of(&alarm.id)?;
        let key = format!("alarm[{}].id", alarm.id);
        Some(Problem {
            file: file.to_owned(),
            line: master_file.lines.of(&key),
            key,
            message: format!(
                "{:?} is the id of an alarm that the agent makes itself for device {device}: choose another",
                alarm.id
            ),
        })
    });
    taken.collect()
}

/// Notes units that have an alarm's parameter but not the one that holds its set-point.
pub(super) fn check_units(
    file: &str,
    site: &Site,
    profiles: &BTreeMap<PathBuf, Profile>,
    master_file: &MasterFile,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for alarm in &master_file.alarms {
        let Watch::Deviation { reference: Some(reference) } = &alarm.watch else {
            continue;
        };
        let by_hand =
            |name: &str| master_file.parameter(name).is_some_and(|its| its.entry == Entry::Manual);
        for unit in &site.units {
            let has = |name: &str| {
                by_hand(name)
                    || unit.devices.iter().any(|id| {
                        let device = site.device(id);
                        let profile = device.and_then(|device| profiles.get(&device.profile));
                        profile.is_some_and(|profile| profile.parameter(name).is_some())
                    })
            };
            if has(&alarm.parameter) && !has(reference) {
                let key = format!("alarm[{}].reference", alarm.id);
                problems.push(Problem {
                    file: file.to_owned(),
                    line: master_file.lines.of(&key),
                    key,
                    message: format!(
                        "unit {} has {}, but no device of it provides its set-point {reference}: add it to a profile, or write a set_point",
                        unit.id, alarm.parameter
                    ),
                });
            }
        }
    }
    problems
}
