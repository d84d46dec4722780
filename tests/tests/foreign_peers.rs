//! `cellwatch run` between peers of which no line is ours: a pymodbus server and Mosquitto.

use std::fs;
use std::time::Duration;

use cellwatch_tests::{
    Cases, Device, MasterFile, Pymodbus, Rig, SiteFile, as_served, await_until, folder,
};
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Every type and order of the profile arrives as pymodbus served it, verified; what holds no value arrives with its
/// cause and without a value. Nothing but reads reached the device.
// Req: LAW-01, LAW-02, LAW-09, ACQ-01, ACQ-03, ACQ-04, ALM-02
#[test]
fn foreign_peers() {
    let mut cases = Cases::of("foreign_peers");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let served = fs::read_to_string(folder("foreign/every-type.json")).expect("what is served");
    let served: Value = serde_json::from_str(&served).expect("JSON");
    let served = served["served"].as_array().expect("a list");
    let parameters = profile.matches("[[parameter]]").count();
    assert_eq!(parameters, served.len(), "every parameter of the profile has its expectation");

    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let mut device = Pymodbus::start(rig.path(), "every-type.json");
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let agent = rig.agent();

    for one in served {
        let name = one["name"].as_str().expect("a name");
        await_until(&format!("{name} as served"), Duration::from_secs(60), || {
            as_served(&control_site, "BX-01", one)
        });
        cases.tried(format_args!("{name}: {} {}", one["type"], one["expect"]));
    }

    // A value that moves over its limit: number, alarm and text of the alarm arrive.
    device.set("TEMP.PV", 3905);
    let alarm = control_site.await_rows(
        "the temperature alarm",
        "SELECT transition, value, \"limit\", unit, priority FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    assert_eq!(alarm[0][1], Sql::Real(39.05), "{alarm:?}");
    assert_eq!(alarm[0][2], Sql::Real(38.0), "{alarm:?}");
    cases.tried("an alarm with value and limit");

    let (reads, others) = device.requests(1);
    assert!(reads > 0, "pymodbus counts its reads");
    assert_eq!(others, 0, "the agent only reads (LAW-09)");
    cases.tried(format_args!("{reads} requests, all of them reads"));

    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let verified = control_site.number("SELECT verified FROM journals");
    let wrong = control_site.number("SELECT gaps + refused FROM journals");
    assert!(verified > 0 && wrong == 0, "{}", control_site.state());
    assert_eq!(control_site.number("SELECT count(*) FROM refusals"), 0, "{}", control_site.state());
    cases.tried(format_args!("{verified} records verified, nothing refused"));
}
