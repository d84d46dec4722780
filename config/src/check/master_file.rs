//! The Master File against the site and the profiles of its devices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Problem;
use crate::master_file::{MasterFile, Parameter};
use crate::profile::{self, DataType, Profile, Role};
use crate::site::Site;

pub(super) fn check(
    site: &Site,
    site_file: &str,
    profiles: &BTreeMap<PathBuf, Profile>,
    master_file: &MasterFile,
) -> Vec<Problem> {
    let used = used_profiles(site, profiles);
    let mut checking = Checking {
        file: site.trust.master_file.display().to_string(),
        master_file,
        problems: Vec::new(),
    };
    checking.site(site);
    for (device, path, profile) in &used {
        let key = format!("device[{device}].profile");
        checking.equipment(site_file, &key, site.lines.of(&key), path, profile);
        checking.phases(path, profile);
    }
    for parameter in &master_file.parameters {
        checking.parameter(parameter, &used);
    }
    checking.problems
}

/// First device, path and profile of every profile that a unit's device uses.
fn used_profiles<'s>(
    site: &'s Site,
    profiles: &'s BTreeMap<PathBuf, Profile>,
) -> Vec<(&'s str, &'s Path, &'s Profile)> {
    let mut used: BTreeMap<&Path, (&str, &Profile)> = BTreeMap::new();
    for id in site.units.iter().flat_map(|unit| &unit.devices) {
        if let Some(device) = site.device(id)
            && let Some(profile) = profiles.get(&device.profile)
        {
            used.entry(&device.profile).or_insert((&device.id, profile));
        }
    }
    used.into_iter().map(|(path, (device, profile))| (device, path, profile)).collect()
}

struct Checking<'m> {
    file: String,
    master_file: &'m MasterFile,
    problems: Vec<Problem>,
}

impl Checking<'_> {
    fn problem(&mut self, key: String, message: String) {
        let line = self.master_file.lines.of(&key);
        self.problems.push(Problem { file: self.file.clone(), line, key, message });
    }

    fn site(&mut self, site: &Site) {
        if !self.master_file.sites.contains(&site.id) {
            self.problem(
                "master_file.sites".to_owned(),
                format!(
                    "this site, {:?}, is not listed: the file is for {}",
                    site.id,
                    self.master_file.sites.join(", ")
                ),
            );
        }
    }

    fn equipment(
        &mut self,
        site_file: &str,
        key: &str,
        line: usize,
        path: &Path,
        profile: &Profile,
    ) {
        let id = &profile.id;
        let Some(equipment) = self.master_file.equipment(id) else {
            self.problems.push(Problem {
                file: site_file.to_owned(),
                line,
                key: key.to_owned(),
                message: format!(
                    "profile {id:?} ({}) is not among the [[equipment]] of the Master File: only approved equipment may be used",
                    path.display()
                ),
            });
            return;
        };
        if equipment.profile_sha256 != profile.sha256 {
            self.problem(
                format!("equipment[{id}].profile_sha256"),
                format!(
                    "{} is not the text that was approved: its SHA-256 is {}, the approved one has {}; restore the approved profile or have the Master File renewed",
                    path.display(),
                    hex(&profile.sha256),
                    hex(&equipment.profile_sha256)
                ),
            );
        }
    }

    fn phases(&mut self, path: &Path, profile: &Profile) {
        let Some(parameter) = profile.with_role(Role::Phase) else {
            return;
        };
        let words = parameter.values.iter();
        for (number, word) in words.filter(|(_, word)| *word != "idle") {
            if self.master_file.phase(word).is_some() {
                continue;
            }
            let key = format!("parameter[{}].values.{number}", parameter.name);
            self.problems.push(Problem {
                file: path.display().to_string(),
                line: profile.lines.of(&key),
                key,
                message: format!(
                    "{word:?} is no phase of Master File {}: use \"idle\" or one of {}",
                    self.master_file.id,
                    self.master_file
                        .phases
                        .iter()
                        .map(|phase| phase.id.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            });
        }
    }

    fn parameter(&mut self, wanted: &Parameter, used: &[(&str, &Path, &Profile)]) {
        let key = |field: &str| format!("parameter[{}].{field}", wanted.name);
        let mut found = false;
        for (_, path, profile) in used {
            let Some(has) = profile.parameter(&wanted.name) else {
                continue;
            };
            found = true;
            let path = path.display();
            if matches!(has.data_type, DataType::Text(_)) {
                self.problem(
                    key("name"),
                    format!("is text in {path}: only numbers and states can be judged"),
                );
            }
            if has.unit != wanted.unit {
                self.problem(
                    key("unit"),
                    format!(
                        "is {}, but {path} gives {}: write the same unit",
                        wanted.unit, has.unit
                    ),
                );
                continue;
            }
            self.range(wanted, has, &path.to_string());
        }
        if !found {
            self.problem(
                key("name"),
                "no device of a unit provides this parameter: add it to a profile or mend the name"
                    .to_owned(),
            );
        }
    }

    fn range(&mut self, wanted: &Parameter, has: &profile::Parameter, path: &str) {
        let Some((low, high)) = has.range else {
            return;
        };
        if wanted.range.0 < low || wanted.range.1 > high {
            self.problem(
                format!("parameter[{}].range", wanted.name),
                format!(
                    "[{}, {}] reaches beyond what the sensor can measure, [{low}, {high}] in {path}: narrow it",
                    wanted.range.0, wanted.range.1
                ),
            );
        }
        let master_file = self.master_file;
        let alarms = master_file.alarms.iter().filter(|alarm| alarm.parameter == wanted.name);
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
