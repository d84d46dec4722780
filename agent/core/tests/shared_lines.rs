//! Devices that share a line are judged the same again: what is told of their pace there, and that one of them started
//! again, is no word on whether they answer.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use std::sync::Arc;

use cellwatch_config::profile;
use cellwatch_core::door::{Input, LineSetup, Setup};
use cellwatch_record::{Body, Datum, EventKind};
use harness::{Behaviour, PROFILE, Site, master_file, offer, setup};

const UPTIME: &str = r#"
[[parameter]]
name = "UPTIME"
table = "input"
address = 40
type = "u32"
unit = "s"
role = "uptime"
"#;

/// Two units, a device each, on one line; replies carry an id or not.
fn on_one_line(without_ids: bool) -> Setup {
    let mut setup = setup(2);
    setup.lines = vec![LineSetup { id: "bus-1".to_owned(), gap_ms: 5, without_ids }];
    for (device, unit) in setup.devices.iter_mut().zip(1..) {
        (device.line, device.modbus_unit) = (0, unit);
    }
    setup
}

fn judging(setup: Setup) -> Site {
    let mut site = Site::of(setup);
    site.connect();
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(5_000);
    site
}

/// What is told of links: whether the device is said to be up, and by which detail.
fn told(site: &Site) -> Vec<(bool, &'static str)> {
    let link = |body: Body| match body {
        Body::Event(event) if event.kind == EventKind::Link => {
            let up = event.details.get("up") == Some(&Datum::Bool(true));
            let kind =
                ["on_scan", "uptime"].into_iter().find(|one| event.details.contains_key(*one));
            Some((up, kind.unwrap_or("link")))
        }
        _ => None,
    };
    site.records().into_iter().filter_map(|record| link(record.body)).collect()
}

/// Req: LAW-07, LAW-08
#[test]
fn a_device_that_falls_silent_on_a_shared_line_is_judged_the_same_again() {
    for without_ids in [true, false] {
        for behaviour in [
            Behaviour::Silent,
            Behaviour::Refuses(0x0b),
            Behaviour::Refuses(0x0a),
            Behaviour::Refuses(4),
        ] {
            let mut site = judging(on_one_line(without_ids));
            site.devices[0].behaviour = behaviour.clone();
            site.run(120_000);
            let falls_off = behaviour != Behaviour::Refuses(4);
            let is_told = |site: &Site, up| told(site).contains(&(up, "on_scan"));
            assert_eq!(is_told(&site, false), falls_off, "{behaviour:?}: {:?}", told(&site));
            site.devices[0].behaviour = Behaviour::Answers(4);
            site.run(120_000);
            assert_eq!(is_told(&site, true), falls_off, "{behaviour:?}: {:?}", told(&site));
            site.assert_replays();
        }
    }
}

/// Req: LAW-08
#[test]
fn a_device_that_started_again_is_judged_the_same_again() {
    let mut setup = on_one_line(true);
    let text = format!("{PROFILE}{UPTIME}");
    let profile =
        profile::parse("test.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    setup.devices[0].profile = Arc::new(profile);
    let mut site = judging(setup);
    site.devices[0].registers.insert(41, 5_000);
    site.run(10_000);
    // It answers too seldom to be polled at its pace when it starts again.
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(60_000);
    site.devices[0].registers.insert(41, 3);
    site.devices[0].behaviour = Behaviour::Answers(4);
    site.run(60_000);
    assert!(told(&site).contains(&(true, "uptime")), "{:?}", told(&site));
    site.assert_replays();
}
