//! The examples are what a reader copies: they have no problem, alone or together.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use cellwatch_config::{check, master_file, profile, site};

const SITE: &str = include_str!("../examples/site.toml");
const PROFILE: &str = include_str!("../examples/profiles/rocking-bag-25.toml");
const MASTER_FILE: &str = include_str!("../examples/master-file.toml");

#[test]
fn the_examples_have_no_problem() {
    let site = site::parse("site.toml", SITE).unwrap_or_else(|problems| panic!("{problems}"));
    let path = "profiles/rocking-bag-25.toml";
    let profile = profile::parse(path, PROFILE).unwrap_or_else(|problems| panic!("{problems}"));
    let master_file = master_file::parse("master-file.toml", MASTER_FILE.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));

    let hash: String = profile.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let approved = master_file.equipment("rocking-bag-25").expect("approved").profile_sha256;
    assert_eq!(
        profile.sha256, approved,
        "master-file.toml must hold profile_sha256 = \"{hash}\" for the example profile"
    );

    let profiles = BTreeMap::from([(PathBuf::from(path), profile)]);
    let problems = check::together(&site, "site.toml", &profiles, Some(&master_file));
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", shown.join("\n"));

    let profile = &profiles[&PathBuf::from(path)];
    println!(
        "examples: 3 files, {} devices, {} parameters of a profile, {} judged, {} phases, {} alarms",
        site.devices.len(),
        profile.parameters.len(),
        master_file.parameters.len(),
        master_file.phases.len(),
        master_file.alarms.len()
    );
    assert_eq!(site.devices.len(), 2);
    assert!(profile.parameters.len() >= 14);
    assert_eq!(master_file.phases.len(), 5);
}

#[test]
fn the_profile_that_shows_every_key_has_no_problem() {
    let text = include_str!("../examples/profiles/stirred-tank-5.toml");
    let profile = profile::parse("stirred-tank-5.toml", text).unwrap_or_else(|p| panic!("{p}"));
    let guarded = profile.parameters.iter().filter(|parameter| parameter.belief.torn_guard);
    let guarded: Vec<&str> = guarded.map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(guarded, ["WEIGHT"]);
    assert_eq!(profile.modbus.no_read.len(), 2);
    let own = profile.parameters.iter().filter(|parameter| parameter.own_word.is_some()).count();
    assert_eq!(own, 6, "every word of its own is shown");
    println!("example profile: {} parameters", profile.parameters.len());
}
