//! Stack light and horn, by real processes: a device that nobody here wrote, the agent, the simulated light.

use std::fs;
use std::time::Duration;

use cellwatch_tests::{
    Cases, Device, MasterFile, Pymodbus, Rig, SiteFile, StackLight, await_until, folder,
};

fn has(now: &[String], lamp: &str) -> bool {
    now.iter().any(|one| one == lamp)
}

/// No broker is there at all. Calm is green; an alarm flashes and sounds; a person silences, tests and acknowledges; a light that is
/// gone is an alarm and shows the truth when it is back; after the end of the agent everything is dark.
// Req: ANN-01, ANN-02, ANN-03, LAW-06, LAW-09, LAW-11
#[test]
fn annunciation() {
    let mut cases = Cases::of("annunciation");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let rig = Rig::new();
    let mut device = Pymodbus::start(rig.path(), "every-type.json");
    let light = StackLight::start(rig.path(), "127.0.0.1:0");
    let other = StackLight::on_registers(rig.path(), 512);
    let address = light.address.clone();
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 9,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    rig.write("site.toml", site_file.text() + &light.declared() + &other.declared());
    let agent = rig.agent();

    light.awaits("the first look", |now| !now.is_empty());
    let first = &light.shown()[0];
    assert_eq!(first, &["red", "amber", "green"], "all lamps are checked, the horn is not");
    other.awaits("the first look", |now| !now.is_empty());
    assert_eq!(&other.shown()[0], first, "on registers too");
    cases.tried("lamp check at the start, on coils and on registers");

    device.set("TEMP.PV", 3905);
    light.awaits("the horn", |now| has(now, "horn") && !has(now, "green"));
    other.awaits("the horn", |now| has(now, "horn") && !has(now, "green"));
    let flashes = |light: &StackLight| {
        let red: Vec<bool> = light.shown().iter().map(|now| has(now, "red")).collect();
        red.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    let before = flashes(&light);
    await_until("red flashes", Duration::from_secs(60), || {
        let now = flashes(&light);
        if now >= before + 4 { Ok(()) } else { Err(format!("{now} changes")) }
    });
    cases.tried("an alarm without a network: red flashes, the horn sounds");

    let silenced = rig.cellwatch(&["silence", "--comment", "on my way"]);
    assert_eq!(silenced.status, Some(0), "{silenced:?}");
    light.awaits("silence", |now| !has(now, "horn"));
    let tested = rig.cellwatch(&["test", "--annunciators"]);
    assert_eq!(tested.status, Some(0), "{tested:?}");
    light.awaits("the test", |now| now.len() == 4);
    // Something else may call meanwhile, and sounds.
    light.awaits("the end of the test", |now| now.len() < 4);
    cases.tried("silence and test");

    let seen = rig.cellwatch(&[
        "acknowledge",
        "--unit",
        "BX-01",
        "--alarm",
        "TEMP.HH",
        "--comment",
        "heater off",
    ]);
    assert_eq!(seen.status, Some(0), "{seen:?}");
    await_until("a steady red", Duration::from_secs(60), || {
        let changes = light.shown();
        // Amber flashes for the broker that is away; red no longer.
        let tail = &changes[changes.len().saturating_sub(4)..];
        if tail.iter().all(|now| has(now, "red")) { Ok(()) } else { Err(format!("{tail:?}")) }
    });
    cases.tried("acknowledged: red is steady");

    light.kill();
    let mut agent = agent;
    agent.awaits_in_log("AGENT.ANNUNCIATOR raised");
    let light = StackLight::start(rig.path(), &address);
    light.awaits("the truth again", |now| has(now, "red"));
    agent.awaits_in_log("AGENT.ANNUNCIATOR returned");
    cases.tried("a lost light is an alarm and comes back by itself");

    assert_eq!(agent.terminate(), Some(0), "a clean end");
    light.awaits("darkness", <[String]>::is_empty);
    other.awaits("darkness", <[String]>::is_empty);
    cases.tried("dark at the end");
}
