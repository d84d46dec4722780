//! How often a device on OPC UA is read against what the Master File demands.

use crate::Problem;
use crate::master_file::MasterFile;
use crate::profile::Profile;
use crate::site::{Reach, Site};

/// Reads keep a value fresh that does not change: two of them fit into every `stale_after_s`.
pub(super) fn check<'p>(
    site: &Site,
    file: &str,
    profile_of: impl Fn(&crate::site::Device) -> Option<&'p Profile>,
    master_file: &MasterFile,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for device in &site.devices {
        let Reach::OpcUa(id) = &device.reach else { continue };
        let (Some(server), Some(profile)) = (site.opcua_server(id), profile_of(device)) else {
            continue;
        };
        let ruled = profile.parameters.iter().filter_map(|one| master_file.parameter(&one.name));
        let tightest = ruled.min_by_key(|one| one.stale_after_ms);
        let Some(tightest) = tightest.filter(|one| one.stale_after_ms < 2 * server.check_ms) else {
            continue;
        };
        let key = format!("opcua[{id}].check_s");
        let line = site.lines.of(&key);
        let message = format!(
            "{} is stale after {} s by the Master File: read everything at least twice in that time, check_s = {}",
            tightest.name,
            seconds(tightest.stale_after_ms),
            seconds(tightest.stale_after_ms / 2)
        );
        problems.push(Problem { file: file.to_owned(), line, key, message });
    }
    problems
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
