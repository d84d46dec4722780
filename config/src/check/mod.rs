//! What must fit between a site file, its device profiles and the Master File.

mod alarm;
mod master_file;
mod opcua;
mod parameter;
mod site;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Problem;
use crate::master_file::MasterFile;
use crate::profile::Profile;
use crate::site::Site;

/// Checks the files together. `profiles` are by their path as written in the site file; a device whose profile is
/// not among them is a problem. Problems of the Master File carry the name `site.trust.master_file`, those of a
/// profile its path. Empty where everything fits; else sorted by file and line.
#[must_use]
pub fn together(
    site: &Site,
    site_file: &str,
    profiles: &BTreeMap<PathBuf, Profile>,
    master_file: Option<&MasterFile>,
) -> Vec<Problem> {
    let mut problems = site::check(site, site_file, profiles);
    problems.extend(opcua::check_frozen(site, site_file, profiles));
    if let Some(master_file) = master_file {
        let used = master_file::used_profiles(site, profiles);
        let file = site.trust.master_file.display().to_string();
        problems.extend(alarm::check_ids(&file, site, master_file));
        problems.extend(alarm::check_units(&file, site, profiles, master_file));
        let profile_of = |device: &crate::site::Device| profiles.get(&device.profile);
        problems.extend(opcua::check(site, site_file, profile_of, master_file));
        problems.extend(master_file::check(file, master_file, &used, Some((site, site_file))));
    }
    sorted(problems)
}

/// Checks a Master File against the device profiles that it was written for, where no site is known: for whoever
/// writes or reviews it. `profiles` are by their path. Empty where everything fits; else sorted by file and line.
#[must_use]
pub fn with_profiles(
    master_file: &MasterFile,
    file: &str,
    profiles: &BTreeMap<PathBuf, Profile>,
) -> Vec<Problem> {
    let used: Vec<_> = profiles
        .iter()
        .map(|(path, profile)| master_file::Used { device: None, path, profile })
        .collect();
    sorted(master_file::check(file.to_owned(), master_file, &used, None))
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}
