//! What must fit between a site file, its device profiles and the Master File.

mod master_file;
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
    if let Some(master_file) = master_file {
        problems.extend(master_file::check(site, site_file, profiles, master_file));
    }
    problems.sort();
    problems.dedup();
    problems
}
