//! What the agent itself stands on, looked at by the real daemon: key files, the certificate, free space.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use cellwatch_tests::{
    AGENT, Cases, ControlSite, Device, MasterFile, Process, Pymodbus, Rig, SiteFile, binary, folder,
};
use jiff::{SignedDuration, Timestamp};

/// A tmpfs of this size has less than the gibibyte that a disk is to have free.
const SMALL_DISK: &str = "size=64m";

fn awaits(control_site: &ControlSite, alarm: &str, transition: &str) {
    let query =
        format!("SELECT seq FROM alarms WHERE alarm = '{alarm}' AND transition = '{transition}'");
    let rows = control_site.await_rows(&format!("{alarm} {transition}"), &query);
    assert_eq!(rows.len(), 1, "{alarm} {transition}");
}

/// The agent, in a mount namespace of its own in which its data folder is a small disk.
fn agent_on_a_small_disk(rig: &Rig) -> Process {
    let data = rig.site().join("data");
    fs::create_dir_all(&data).expect("a folder");
    let script = format!("mount -t tmpfs -o {SMALL_DISK} none \"$0\" && exec \"$@\"");
    let agent = binary("cellwatch");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script]).arg(&data);
    command.arg(agent.get_program()).args(["run", "--json-ready", "--config"]);
    command.arg(rig.site().join("site.toml"));
    let mut process = Process::start("agent", rig.path(), command);
    let _ready = process.ready();
    process
}

// Req: SITE-05
#[test]
fn key_files_certificate_and_disk_are_looked_at() {
    let mut cases = Cases::of("key_files_certificate_and_disk_are_looked_at");
    let rig = Rig::new();
    let short = rig.path().join("short");
    let ends = (Timestamp::now() + SignedDuration::from_hours(7 * 24)).to_string();
    rig.keys.issue("client", &["--agent", AGENT, "--not-after", &ends], &short);
    for name in ["client.pem", "client.key"] {
        fs::copy(short.join(name), rig.site().join(name)).expect("a certificate");
    }
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let device = Pymodbus::start(rig.path(), "every-type.json");
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let _agent = agent_on_a_small_disk(&rig);

    awaits(&control_site, "AGENT.CERTIFICATE", "raised");
    cases.tried("a certificate that ends in a week");
    awaits(&control_site, "AGENT.DISK", "raised");
    cases.tried("a disk of 64 MiB");
    let key = rig.site().join("seal.pk8");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).expect("a mode");
    awaits(&control_site, "AGENT.KEY-FILE", "raised");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("a mode");
    awaits(&control_site, "AGENT.KEY-FILE", "returned");
    cases.tried("a key that others may read, and no longer");
}
