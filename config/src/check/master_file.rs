//! The Master File against the site and the profiles of its devices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Problem;
use crate::master_file::MasterFile;
use crate::profile::{OwnWord, Profile, Role};
use crate::site::Site;

/// A profile that is in use, and the first device that it is used for; none where no site is known.
pub(super) struct Used<'s> {
    pub(super) device: Option<&'s str>,
    pub(super) path: &'s Path,
    pub(super) profile: &'s Profile,
}

/// The Master File, called `file` in messages, against the profiles in use; `site_file` names the file of the devices.
pub(super) fn check(
    file: String,
    master_file: &MasterFile,
    used: &[Used<'_>],
    site: Option<(&Site, &str)>,
) -> Vec<Problem> {
    let mut checking = Checking { file, master_file, problems: Vec::new() };
    if let Some((site, _)) = site {
        checking.site(site);
    }
    for used in used {
        checking.equipment(site, used);
        checking.phases(used.path, used.profile);
    }
    for parameter in &master_file.parameters {
        checking.parameter(parameter, used);
    }
    for alarm in &master_file.alarms {
        checking.alarm(alarm, used);
    }
    checking.problems
}

/// Every profile that a unit's device uses, with the first such device.
pub(super) fn used_profiles<'s>(
    site: &'s Site,
    profiles: &'s BTreeMap<PathBuf, Profile>,
) -> Vec<Used<'s>> {
    let mut used: BTreeMap<&Path, (&str, &Profile)> = BTreeMap::new();
    for id in site.units.iter().flat_map(|unit| &unit.devices) {
        if let Some(device) = site.device(id)
            && let Some(profile) = profiles.get(&device.profile)
        {
            used.entry(&device.profile).or_insert((&device.id, profile));
        }
    }
    let used = used.into_iter();
    used.map(|(path, (device, profile))| Used { device: Some(device), path, profile }).collect()
}

pub(super) struct Checking<'m> {
    pub(super) file: String,
    pub(super) master_file: &'m MasterFile,
    pub(super) problems: Vec<Problem>,
}

impl Checking<'_> {
    pub(super) fn problem(&mut self, key: String, message: String) {
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

    fn equipment(&mut self, site: Option<(&Site, &str)>, used: &Used<'_>) {
        let Used { device, path, profile } = *used;
        let id = &profile.id;
        let Some(equipment) = self.master_file.equipment(id) else {
            let (file, line, key) = match (site, device) {
                (Some((site, site_file)), Some(device)) => {
                    let key = format!("device[{device}].profile");
                    (site_file.to_owned(), site.lines.of(&key), key)
                }
                _ => {
                    let key = "profile.id".to_owned();
                    (path.display().to_string(), profile.lines.of(&key), key)
                }
            };
            let message = format!(
                "profile {id:?} ({}) is not among the [[equipment]] of the Master File: only approved equipment may be used",
                path.display()
            );
            self.problems.push(Problem { file, line, key, message });
            return;
        };
        let tells = |own_word| profile.parameters.iter().any(|one| one.own_word == Some(own_word));
        let marks = [
            ("serials", &equipment.serials, "serial", profile.with_role(Role::Serial).is_some()),
            ("firmware", &equipment.firmware, "firmware", tells(OwnWord::Firmware)),
            (
                "protocol_checksum",
                &equipment.protocol_checksum,
                "protocol-checksum",
                tells(OwnWord::ProtocolChecksum),
            ),
        ];
        for (key, listed, role, is_told) in marks {
            if !listed.is_empty() && !is_told {
                self.problem(
                    format!("equipment[{id}].{key}"),
                    format!(
                        "{} has no parameter with role \"{role}\", so nothing can be compared: add it there, or leave {key} out",
                        path.display()
                    ),
                );
            }
        }
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
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
