//! The disk is full: alarms go on being recorded, readings are counted, and it mends itself when there is room again.

use cellwatch_tests::{
    Cases, Device, MasterFile, Rig, SiteFile, SmallDisk, StackLight, finish, much_text,
};

/// A file system of the agent's own, MiB.
const DISK_MIB: u32 = 40;

// Req: ANN-01, LAW-04, LAW-06, LAW-10, JRN-06
#[test]
fn disk_full() {
    let mut cases = Cases::of("disk_full");
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let (mut device, profile) = much_text(rig.path());
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 1,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let small = "commit_delay_ms = 50\nreserve_mib = 8";
    let light = StackLight::start(rig.path(), "127.0.0.1:0");
    let text = site_file.text().replace("commit_delay_ms = 50", small);
    rig.write("site.toml", text + &light.declared());

    let disk = SmallDisk::mount(rig.path(), &rig.site().join("data"), DISK_MIB).unwrap_or_else(
        |refused| panic!("this machine lets nobody mount a file system: {refused}"),
    );
    let agent = rig.start_agent(disk.within(&rig.agent_command()));
    control_site.await_through(20);

    disk.fill();
    let (text, lost) = control_site.await_event("loss", 0);
    assert!(text.contains("no longer recorded"), "{text}");
    // The full disk is itself an alarm that sounds: somebody has heard that.
    light.awaits_on("horn");
    let before = light.shown().len();
    let silence = rig.cellwatch_command(&["silence", "--annunciator", "light"]);
    let silenced = finish(disk.within(&silence));
    assert_eq!(silenced.status, Some(0), "{silenced}");
    // Something else may call meanwhile, and sounds.
    light.awaits("silence", |_| {
        light.shown()[before..].iter().any(|now| !now.contains(&"horn".to_owned()))
    });
    device.set("TEMP.PV", 3905);
    let alarm = control_site.await_rows(
        "an alarm that was judged and recorded without room",
        "SELECT seq FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    assert_eq!(alarm.len(), 1);
    light.awaits_on("horn");
    cases.tried("full: a new alarm is heard");
    let frames = control_site
        .number(&format!("SELECT count(*) FROM records WHERE kind = 'telemetry' AND seq > {lost}"));
    assert_eq!(frames, 0, "no reading is recorded after seq {lost}");
    cases.tried(format_args!("full: {text} (seq {lost}); an alarm was recorded after it"));

    disk.free();
    let (text, found) = control_site.await_event("loss", lost);
    assert!(text.contains("readings were not recorded"), "{text}");
    control_site.await_rows(
        "readings again",
        &format!("SELECT seq FROM records WHERE kind = 'telemetry' AND seq > {found}"),
    );
    control_site.await_through(found);
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let wrong = control_site.number("SELECT sum(gaps) + sum(refused) FROM journals");
    assert_eq!(wrong, 0, "{}", control_site.state());
    cases.tried(format_args!("room again: {text}"));
}
