//! Deviation candidates: from when their rules count.
//!
//! Req: LAW-08
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use std::sync::Arc;

use cellwatch_config::profile;
use cellwatch_core::door::Input;
use cellwatch_record::{Body, Deviation, Record};
use harness::{Site, master_file_with, offer};

const PAIR: &str = r#"
[[parameter]]
name = "PRESS.BAG"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."

[[parameter]]
name = "PRESS.BAG_2"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."

[[alarm]]
id = "PRESS.PAIR"
parameter = "PRESS.BAG_2"
kind = "deviation"
reference = "PRESS.BAG"
limit = 40.0
priority = "medium"
class = "equipment"
cause = "filter"
consequence = "bag bursts"
response = "Open the vent."
time_to_respond_s = 60

[[deviation]]
id = "DEV.PAIR"
when = "action-limit"
alarm = "PRESS.PAIR"
after_s = 0.0
description = "The bags were apart."
"#;

fn deviations(site: &Site) -> Vec<Deviation> {
    let deviation = |record: Record| match record.body {
        Body::Deviation(deviation) => Some(deviation),
        _ => None,
    };
    site.records().into_iter().filter_map(deviation).collect()
}

fn words(site: &Site) -> Vec<&'static str> {
    deviations(site).into_iter().map(|one| one.change.word()).collect()
}

/// A limit that one reply both passes and comes back from.
#[test]
fn a_rule_without_a_time_counts_from_reading_to_reading() {
    let second = r#"
[[parameter]]
name = "PRESS.BAG_2"
table = "input"
address = 2
type = "u16"
unit = "mbar"
"#;
    let mut setup = harness::setup(1);
    let text = format!("{}{second}", harness::PROFILE);
    let profile =
        profile::parse("test.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut file = master_file_with(2, PAIR);
    file.equipment[0].profile_sha256 = profile.sha256;
    setup.devices[0].profile = Arc::new(profile);
    let mut site = Site::of(setup);
    site.connect();
    let pressures = |site: &mut Site, one, two| {
        site.devices[0].registers.insert(1, one);
        site.devices[0].registers.insert(2, two);
        site.run(10_000);
    };
    pressures(&mut site, 100, 100);
    site.input(Input::MasterFile(offer(file)));
    site.run(10_000);
    pressures(&mut site, 160, 160);
    assert_eq!(site.said(), ["PRESS.PAIR raised", "PRESS.PAIR returned"]);
    assert_eq!(words(&site), ["opened", "updated"]);
    site.assert_replays();
}
