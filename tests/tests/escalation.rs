//! Messages to people who are away, by real processes: the agent, a device that nobody here wrote, a mail server that is away at first.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use cellwatch_tests::{
    Cases, Device, MasterFile, Pymodbus, Rig, SiteFile, Smtp, await_until, folder,
};

/// The mail server is away when the alarm calls, the agent is killed meanwhile: the message arrives once, when the server is back,
/// and says what somebody needs. A test message arrives; who is not configured is said.
// Req: ESC-01, ESC-03, ESC-04, LAW-06
#[test]
fn escalation() {
    let mut cases = Cases::of("escalation");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let rig = Rig::new();
    let mut device = Pymodbus::start(rig.path(), "every-type.json");
    let port = Smtp::free_port();
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 9,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    let route = "\n[[route]]\nname = \"on-call\"\nkind = \"e-mail\"\nto = [\"oncall@example.org\", \"ward@example.org\"]\npriorities = [\"high\"]\n";
    let master_file = MasterFile::version_1(&profile).text() + route;
    rig.configure(&site_file, &profile, &master_file);
    let mail = format!(
        "\n[mail]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"cellwatch@example.org\"\n"
    );
    rig.write("site.toml", site_file.text() + &mail);
    let mut agent = rig.agent();

    device.set("TEMP.PV", 3905);
    agent.awaits_in_log("to on-call about Unit BX-01 TEMP.HH failed");
    // What is on disk is all that a killed agent knows.
    let status = |name: &str| {
        let answer = rig.cellwatch(&["status"]);
        let status: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        status[name].as_u64().expect("a number")
    };
    let appended = status("seq");
    await_until("the attempt on disk", Duration::from_secs(60), || {
        let durable = status("durable_seq");
        if durable >= appended { Ok(()) } else { Err(format!("{durable} of {appended}")) }
    });
    cases.tried("no server: the attempt is on record, with the reason");
    agent.kill();
    let server = Smtp::start(port);
    let mut agent = rig.agent();
    agent.awaits_in_log("to on-call about Unit BX-01 TEMP.HH sent");
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "once: {taken:#?}");
    // Quoted-printable wraps and escapes: what is plain in it is looked for.
    for part in [
        "From: cellwatch@example.org",
        "To: oncall@example.org, ward@example.org",
        "Subject: [cellwatch] HIGH: Unit BX-01, TEMP.HH",
        "TEMP.PV is 39.05",
        "Switch the heater off at the panel.",
        "Respond by",
    ] {
        assert!(taken[0].contains(part), "{part:?} in {}", taken[0]);
    }
    cases.tried("killed with a message under way: it arrives once, whole, when the server is back");

    let tested = rig.cellwatch(&["test", "--route", "on-call"]);
    assert_eq!(tested.status, Some(0), "{tested}");
    await_until("the test message", Duration::from_secs(60), || {
        let taken = server.taken();
        let is_it = |one: &String| one.contains("Subject: [cellwatch] Test: Ulm, clean room 1");
        if taken.iter().any(is_it) { Ok(()) } else { Err(format!("{taken:#?}")) }
    });
    let unknown = rig.cellwatch(&["test", "--route", "nobody"]);
    assert_eq!(unknown.status, Some(1), "{unknown}");
    assert!(unknown.stderr.contains("there is no route nobody; there are: on-call"), "{unknown}");
    cases.tried("a route is tested");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
