//! The disk is full: alarms go on being recorded, readings are counted, and it mends itself when there is room again.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use cellwatch_tests::{Cases, Device, MasterFile, Rig, SiteFile, much_text, under};

/// A file system of the agent's own, MiB.
const DISK_MIB: u32 = 40;

/// Writes into `folder` until nothing more goes in.
fn fill(folder: PathBuf) -> PathBuf {
    let path = folder.join("filler");
    let mut file = File::create(&path).expect("a file");
    let mut bytes = 1 << 20;
    while bytes > 0 {
        // What does not fit as a whole is tried in smaller parts.
        if file.write_all(&vec![0xa5; bytes]).is_err() {
            bytes /= 2;
        }
    }
    path
}

// Req: LAW-04, LAW-06, LAW-10, JRN-06
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
    rig.write("site.toml", site_file.text().replace("commit_delay_ms = 50", small));

    // A small file system in a namespace of its own, so that no rights are needed; it ends with the agent.
    let data = rig.site().join("data");
    fs::create_dir(&data).expect("a folder");
    let mount = format!("mount -t tmpfs -o size={DISK_MIB}m tmpfs \"$0\" && exec \"$@\"");
    let data_text = data.to_str().expect("a path");
    let wrapper =
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &mount, data_text];
    let agent = rig.start_agent(under(&wrapper, &rig.agent_command()));
    control_site.await_through(20);
    let inside = PathBuf::from(format!("/proc/{}/root", agent.id()))
        .join(data.strip_prefix("/").expect("an absolute path"));

    let filler = fill(inside);
    let (text, lost) = control_site.await_event("loss", 0);
    assert!(text.contains("no longer recorded"), "{text}");
    device.set("TEMP.PV", 3905);
    let alarm = control_site.await_rows(
        "an alarm that was judged and recorded without room",
        "SELECT seq FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    assert_eq!(alarm.len(), 1);
    let frames = control_site
        .number(&format!("SELECT count(*) FROM records WHERE kind = 'telemetry' AND seq > {lost}"));
    assert_eq!(frames, 0, "no reading is recorded after seq {lost}");
    cases.tried(format_args!("full: {text} (seq {lost}); an alarm was recorded after it"));

    fs::remove_file(filler).expect("the filler");
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
