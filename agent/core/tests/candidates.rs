//! Deviation candidates: from when their rules count.
//!
//! Req: LAW-08
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_record::{Body, Deviation, Record};
use harness::{PAIR, Site, master_file_with, offer, person};

const HOUR_MS: u64 = 3_600_000;

const APART: &str = r#"
[[deviation]]
id = "DEV.PAIR"
when = "action-limit"
alarm = "PRESS.PAIR"
after_s = 0.0
description = "The bags were apart."
"#;

const LATE: &str = r#"
[[deviation]]
id = "DEV.LATE"
when = "late-acknowledgement"
alarm = "TEMP.H"
after_s = 300.0
description = "Nobody answered in time."
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
    let mut file = master_file_with(2, &format!("{PAIR}{APART}"));
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

fn late(version: u64) -> MasterFile {
    let mut file = master_file_with(version, LATE);
    file.alarms[0].re_alarm_ms = Some(HOUR_MS);
    file
}

fn acknowledge(site: &mut Site) {
    let what = Asked::OfAlarm {
        unit: Some("BX-0".to_owned()),
        alarm: "TEMP.H".to_owned(),
        request: Request::Acknowledge,
    };
    assert_eq!(site.ask(&person(Role::Operator, 1), what, "heater off"), None);
}

/// Req: LAW-11
#[test]
fn who_is_called_again_has_the_time_to_answer_from_then_on() {
    // No rule at first, another file, a restart, one after a state record, one of the machine.
    for case in ["rule", "file", "restart", "state", "machine"] {
        let mut first = late(2);
        if case == "rule" {
            first.deviations.clear();
        }
        let mut site = Site::judging(1);
        site.input(Input::MasterFile(offer(first)));
        site.run(5_000);
        site.devices[0].temperature(37.8);
        site.run(120_000);
        acknowledge(&mut site);
        site.run(HOUR_MS + 60_000);
        assert_eq!(site.said(), ["TEMP.H raised", "TEMP.H acknowledged", "TEMP.H re-alarmed"]);
        match case {
            "rule" | "file" => site.input(Input::MasterFile(offer(late(3)))),
            _ => site.restart(case != "machine", late(2)),
        }
        if case == "state" {
            site.restart(true, late(2));
        }
        site.run(200_000);
        assert_eq!(words(&site), Vec::<&str>::new(), "{case}: not yet late");
        site.run(60_000);
        assert_eq!(words(&site), ["opened"], "{case}");
        let opened = deviations(&site).pop().expect("opened");
        let seen: Vec<_> = opened.acknowledgements.iter().map(|(_, who)| &who.name).collect();
        assert_eq!(seen, ["operator-1"], "{case}: somebody acknowledged it before");
        let at = opened.acknowledgements[0].0;
        assert!(opened.since < at && at < opened.at, "{case}");
        site.assert_replays();
    }
}
