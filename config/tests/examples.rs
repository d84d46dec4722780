//! The examples are what a reader copies: they have no problem, alone or together.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use cellwatch_config::master_file::{Entry, MasterFile, Watch};
use cellwatch_config::{check, master_file, profile, site};

const SITE: &str = include_str!("../examples/site.toml");

/// A Master File and the profile that it is for.
struct Example {
    name: &'static str,
    text: &'static str,
    profile: &'static str,
    profile_text: &'static str,
}

const EXAMPLES: [Example; 3] = [
    Example {
        name: "master-file.toml",
        text: include_str!("../examples/master-file.toml"),
        profile: "profiles/rocking-bag-25.toml",
        profile_text: include_str!("../examples/profiles/rocking-bag-25.toml"),
    },
    Example {
        name: "t-cell-nine-days.toml",
        text: include_str!("../examples/t-cell-nine-days.toml"),
        profile: "profiles/rocking-bag-25-perfused.toml",
        profile_text: include_str!("../examples/profiles/rocking-bag-25-perfused.toml"),
    },
    Example {
        name: "incubator-g-rex.toml",
        text: include_str!("../examples/incubator-g-rex.toml"),
        profile: "profiles/incubator.toml",
        profile_text: include_str!("../examples/profiles/incubator.toml"),
    },
];

impl Example {
    fn master_file(&self) -> MasterFile {
        master_file::parse(self.name, self.text.as_bytes())
            .unwrap_or_else(|problems| panic!("{problems}"))
    }
}

#[test]
fn the_examples_have_no_problem() {
    for example in &EXAMPLES {
        // The site with this example's devices.
        let text = SITE.replace("profiles/rocking-bag-25.toml", example.profile);
        let site = site::parse("site.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
        let profile = profile::parse(example.profile, example.profile_text)
            .unwrap_or_else(|problems| panic!("{problems}"));
        let master_file = example.master_file();

        let hash: String = profile.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let approved = master_file.equipment(&profile.id).expect("approved").profile_sha256;
        assert_eq!(
            profile.sha256, approved,
            "{} must hold profile_sha256 = \"{hash}\"",
            example.name
        );

        let profiles = BTreeMap::from([(PathBuf::from(example.profile), profile)]);
        let problems = check::together(&site, "site.toml", &profiles, Some(&master_file));
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}:\n{}", example.name, shown.join("\n"));

        println!(
            "{}: {} parameters of the profile, {} judged, {} phases, {} alarms, {} deviation rules, {} routes",
            example.name,
            profiles[&PathBuf::from(example.profile)].parameters.len(),
            master_file.parameters.len(),
            master_file.phases.len(),
            master_file.alarms.len(),
            master_file.deviations.len(),
            master_file.routes.len()
        );
    }
    println!("examples: {} Master Files", EXAMPLES.len());
}

#[test]
fn the_nine_days_show_everything_that_a_master_file_can_say() {
    let file = EXAMPLES[1].master_file();
    let has = |watch: fn(&Watch) -> bool| file.alarms.iter().any(|alarm| watch(&alarm.watch));
    assert!(has(|watch| matches!(watch, Watch::Deviation { reference: Some(_) })));
    assert!(has(|watch| matches!(watch, Watch::Deviation { reference: None })));
    assert!(has(|watch| matches!(watch, Watch::Rate { .. })));
    assert!(has(|watch| matches!(watch, Watch::States(_))));
    assert!(file.alarms.iter().any(|alarm| !alarm.suppressed_by.is_empty()));
    assert!(file.alarms.iter().any(|alarm| alarm.latching));
    assert!(file.parameters.iter().any(|one| one.entry == Entry::Manual && one.second_person));
    assert_eq!((file.deviations.len(), file.routes.len()), (4, 2));
    // Nothing that explains an action limit may hide it.
    let hidden: Vec<&str> = file
        .alarms
        .iter()
        .filter(|alarm| alarm.is_action_limit() && !alarm.suppressed_by.is_empty())
        .map(|alarm| alarm.id.as_str())
        .collect();
    assert!(hidden.is_empty(), "{hidden:?}");
    // The shortest and longest run by the phases hold nine days between them.
    let hours = |of: fn(&master_file::Phase) -> Option<u64>| -> u64 {
        file.phases.iter().filter_map(of).sum::<u64>() / 3_600_000
    };
    let (shortest, longest) =
        (hours(|phase| phase.min_duration_ms), hours(|phase| phase.max_duration_ms));
    assert!(shortest <= 216 && 216 <= longest, "{shortest} to {longest} h");
    println!("nine days: 1 case, {} alarms", file.alarms.len());
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

#[test]
fn the_centrifuge_is_reached_over_opc_ua() {
    let site = include_str!("../examples/centrifuge-site.toml");
    let profile = include_str!("../examples/profiles/counterflow-centrifuge.toml");
    let site = site::parse("centrifuge-site.toml", site).unwrap_or_else(|p| panic!("{p}"));
    let profile =
        profile::parse("counterflow-centrifuge.toml", profile).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(profile.parameters.len(), 48);
    assert!(profile.parameters.iter().all(|one| one.node.is_some() && !one.on_modbus));
    let path = PathBuf::from("profiles/counterflow-centrifuge.toml");
    let known = BTreeMap::from([(path, profile.clone())]);
    let problems = check::together(&site, "centrifuge-site.toml", &known, None);
    assert!(problems.is_empty(), "{problems:?}");
    // Reached over Modbus, it lacks every address.
    let text = include_str!("../examples/centrifuge-site.toml");
    let server = text.find("# An OPC UA server").unwrap()..text.find("[[device]]").unwrap();
    let text = text.replace(&text[server], "");
    let text = text.replace("opcua = \"cfc-server\" ", "address = \"10.0.8.40:502\" ");
    let modbus = site::parse("site.toml", &text).unwrap_or_else(|p| panic!("{p}"));
    let problems = check::together(&modbus, "site.toml", &known, None);
    assert!(problems.iter().any(|one| one.message.contains("names no table and address")));
    println!("centrifuge: {} nodes", profile.parameters.len());
}
