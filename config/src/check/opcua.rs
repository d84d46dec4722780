//! How often a device on OPC UA is read against what its profile and the Master File demand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Problem;
use crate::master_file::MasterFile;
use crate::profile::Profile;
use crate::site::{Reach, Site};

/// So many reads at least find a value standing still before it is frozen.
const READS_FROZEN: u64 = 3;

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

/// A value that stands still is published by no server: reads find it, three of them within every `frozen_after_s`.
pub(super) fn check_frozen(
    site: &Site,
    file: &str,
    profiles: &BTreeMap<PathBuf, Profile>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for device in &site.devices {
        let Reach::OpcUa(id) = &device.reach else { continue };
        let (Some(server), Some(profile)) = (site.opcua_server(id), profiles.get(&device.profile))
        else {
            continue;
        };
        let judged = profile.parameters.iter();
        let judged = judged.filter_map(|one| Some((one, one.belief.frozen_after_ms?)));
        let tightest = judged.min_by_key(|(_, after_ms)| *after_ms);
        let Some((tightest, after_ms)) =
            tightest.filter(|(_, after_ms)| *after_ms < READS_FROZEN * server.check_ms)
        else {
            continue;
        };
        let key = format!("opcua[{id}].check_s");
        let line = site.lines.of(&key);
        let message = format!(
            "{} of device {:?} is frozen after {} s by its profile, and a value that stands still is seen by reads only: read everything at least three times in that time, check_s = {}, or give it frozen_after_s = {}",
            tightest.name,
            device.id,
            seconds(after_ms),
            seconds((after_ms / READS_FROZEN).max(1000)),
            seconds(READS_FROZEN * server.check_ms),
        );
        problems.push(Problem { file: file.to_owned(), line, key, message });
    }
    problems
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
