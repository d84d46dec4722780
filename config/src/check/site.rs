//! The site file against itself and its profiles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Problem;
use crate::profile::Profile;
use crate::site::{Place, Reach, Site, membership};

pub(super) fn check(
    site: &Site,
    file: &str,
    profiles: &BTreeMap<PathBuf, Profile>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |key: String, message: String| {
        let line = site.lines.of(&key);
        problems.push(Problem { file: file.to_owned(), line, key, message });
    };
    for device in &site.devices {
        if !profiles.contains_key(&device.profile) {
            problem(
                format!("device[{}].profile", device.id),
                format!(
                    "no profile could be read from {:?}: mend the path or the profile",
                    device.profile
                ),
            );
        }
    }
    for device in &site.devices {
        let Some(profile) = profiles.get(&device.profile) else { continue };
        let by_node = matches!(device.reach, Reach::OpcUa(_));
        let lacking: Vec<&str> = profile
            .parameters
            .iter()
            .filter(|one| if by_node { one.node.is_none() } else { !one.on_modbus })
            .map(|one| one.name.as_str())
            .collect();
        if !lacking.is_empty() {
            let lack = if by_node {
                "the device is reached over OPC UA, but its profile names no node for"
            } else {
                "the device is reached over Modbus, but its profile names no table and address for"
            };
            problem(
                format!("device[{}].profile", device.id),
                format!("{lack} {}; add them, or reach it the other way", shortened(&lacking)),
            );
        }
    }
    let devices = site.devices.iter().map(|device| device.id.as_str());
    let units = site.units.iter().map(|unit| (unit.id.as_str(), unit.devices.as_slice()));
    for (place, message) in membership(devices, units) {
        let key = match place {
            Place::Device(index) => format!("device[{}].id", site.devices[index].id),
            Place::Entry(unit, entry) => {
                format!("unit[{}].devices[{}]", site.units[unit].id, entry + 1)
            }
        };
        problem(key, message);
    }
    for unit in &site.units {
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        for (entry, id) in unit.devices.iter().enumerate() {
            let profile = site.device(id).and_then(|device| profiles.get(&device.profile));
            let twice: Vec<&str> = profile
                .into_iter()
                .flat_map(|profile| &profile.parameters)
                .filter(|parameter| {
                    first.insert(&parameter.name, id).is_some_and(|before| before != id)
                })
                .map(|parameter| parameter.name.as_str())
                .collect();
            if !twice.is_empty() {
                problem(
                    format!("unit[{}].devices[{}]", unit.id, entry + 1),
                    format!(
                        "device {id:?} brings parameters that another device of this unit has already: {}; give them names of their own in its profile",
                        shortened(&twice)
                    ),
                );
            }
        }
    }
    problems
}

/// The first few names.
fn shortened(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
