//! The Control Site's word on a site, live: rosters rotate, commands pause and reopen, a Master File waits, and a killed
//! agent goes on where it was.

use std::fs;
use std::path::PathBuf;

use cellwatch_tests::{
    AGENT, Broker, Cases, ControlSite, Device, MasterFile, Process, Pymodbus, Rig, SITE, SiteFile,
    binary, finish, folder,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const QA: &str = "people/qa.pk8";
const QP: &str = "people/qp.pk8";

struct Scene {
    rig: Rig,
    broker: Broker,
    control_site: ControlSite,
    device: Pymodbus,
    file: MasterFile,
}

impl Scene {
    fn set() -> (Self, Process) {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
        let device = Pymodbus::start(rig.path(), "every-type.json");
        let file = MasterFile::version_1(&profile);
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: broker.port,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        rig.configure(&site_file, &profile, &file.text());
        let agent = rig.agent();
        let _in_force = control_site.await_event("master-file-in-force", 0);
        (Self { rig, broker, control_site, device, file }, agent)
    }

    fn last(&self) -> i64 {
        self.control_site.number("SELECT max(seq) FROM records")
    }

    /// Publishes a file to the agent, as the Control Site or whoever holds its certificate does.
    fn publish(&self, what: &str, bytes: &[u8]) {
        let file = self.rig.path().join("published");
        fs::write(&file, bytes).expect("a file");
        let mut publish = self.broker.client("mosquitto_pub", &self.rig.keys, "control-site");
        publish.args(["-r", "-t", &format!("cellwatch/1/{SITE}/{AGENT}/down/{what}"), "-f"]);
        publish.arg(&file);
        assert_eq!(finish(publish).status, Some(0), "the broker takes it");
    }

    /// Commands with the Control Site's own tool; gives the sealed command.
    fn command(&self, status: &str, number: u64, key: &str) -> Vec<u8> {
        let out = self.rig.path().join(format!("command-{number}-{}", key.replace('/', "-")));
        let mut command = binary("control-site");
        command.args(["command", "--site", SITE, "--agent", AGENT, "--status", status]);
        command.args(["--reason", "room under repair", "--number", &number.to_string()]);
        command.arg("--key").arg(self.rig.keys.path(key)).arg("--out").arg(&out);
        command.args(["--broker", &format!("localhost:{}", self.broker.port)]);
        for (option, file) in [
            ("--authority", "authority/ca.pem"),
            ("--certificate", "control-site/client.pem"),
            ("--private-key", "control-site/client.key"),
        ] {
            command.arg(option).arg(self.rig.keys.path(file));
        }
        let done = finish(command);
        assert_eq!(done.status, Some(0), "{done}");
        fs::read(out).expect("the sealed command")
    }

    fn status(&self) -> Value {
        let said = self.rig.cellwatch(&["status"]);
        assert_eq!(said.status, Some(0), "{said}");
        serde_json::from_str(&said.stdout).expect("JSON")
    }

    /// Signs the next roster with `root`, puts it where the Control Site reads it, and gives its bytes.
    fn roster(&self, name: &str, root: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
        let keys = &self.rig.keys;
        let text = fs::read_to_string(keys.path("roster.toml")).expect("the roster's text");
        let (next, out) = (keys.path(&format!("{name}.toml")), keys.path(&format!("{name}.cose")));
        fs::write(&next, change(&text)).expect("a file");
        let mut command = binary("control-site");
        command.args(["sign", "roster"]).arg(&next);
        command.arg("--key").arg(keys.path(root)).arg("--out").arg(&out);
        let signed = finish(command);
        assert_eq!(signed.status, Some(0), "{signed}");
        fs::copy(&next, keys.path("roster.toml")).expect("a roster");
        fs::copy(&out, keys.path("roster.cose")).expect("a roster");
        fs::read(out).expect("a roster")
    }
}

fn versioned(text: &str, from: u32, to: u32) -> String {
    let (from, to) = (format!("version = {from}"), format!("version = {to}"));
    assert!(text.contains(&from), "{text}");
    text.replacen(&from, &to, 1)
}

/// Makes a key in the authority's folder and gives its public half.
fn new_key(rig: &Rig, name: &str) -> String {
    let path = |end: &str| -> PathBuf { rig.keys.path(&format!("{name}.{end}")) };
    let mut command = binary("cellwatch");
    command.arg("keygen").arg("--out").arg(path("pk8")).arg("--public-out").arg(path("pub"));
    let made = finish(command);
    assert_eq!(made.status, Some(0), "{made}");
    fs::read_to_string(path("pub")).expect("a public key").trim().to_owned()
}

/// A roster is replaced while everything runs, its root too; old, repeated and forged ones are refused; what was
/// accepted before a key was revoked goes on.
// Req: SITE-04, LAW-05
#[test]
fn rosters_rotate_live() {
    let mut cases = Cases::of("rosters_rotate_live");
    let (scene, agent) = Scene::set();
    let Scene { rig, control_site, .. } = &scene;
    let first = fs::read(rig.site().join("roster.cose")).expect("the first roster");
    let (new_root, new_qa) = (new_key(rig, "new-root"), new_key(rig, "new-qa"));

    // Version 2, by the old root: another root, another QA; the first QA's key is revoked.
    let before = scene.last();
    let qa = fs::read_to_string(rig.keys.path("roster.toml")).expect("the roster's text");
    let entry = qa.split("[[approver]]").nth(1).expect("QA's entry").to_owned();
    let key = entry.lines().find_map(|line| line.strip_prefix("key = ")).expect("a key").to_owned();
    // Written in whole seconds: not before the acceptance of the file that judges.
    let now = Timestamp::now() + SignedDuration::from_secs(1);
    scene.roster("second", "root.pk8", |text| {
        let text = versioned(text, 1, 2).replacen("revoked = []", "", 1);
        let added = entry.replacen(&key, &format!("\"{new_qa}\""), 1).replacen("QA One", "QA Two", 1);
        format!(
            "{text}\n[[root]]\nname = \"new root\"\nkey = \"{new_root}\"\n[[approver]]{}\n[[revoked]]\nkey = {key}\nsince = {now:.0}\nreason = \"card lost\"\n",
            added.split("\n[").next().unwrap_or_default()
        )
    });
    control_site.process.hang_up();
    let (text, seq) = control_site.await_event("roster-accepted", before);
    assert_eq!(text, "version 2 of the roster is in use");
    cases.tried("a newer one by the old root, sent after SIGHUP");

    scene.publish("roster", &first);
    let (text, seq) = control_site.await_event("roster-refused", seq);
    assert!(text.contains("version 1 of the roster is not newer than version 2"), "{text}");
    cases.tried("an older one is refused");

    let revoked = MasterFile { version: 2, ..scene.file.clone() };
    scene.publish("master-file", &rig.keys.sign(&revoked.text(), &[QA, QP], &[]));
    let (text, seq) = control_site.await_event("master-file-refused", seq);
    assert!(text.contains("which is revoked since"), "{text}");
    cases.tried("a Master File by the revoked key is refused");

    // Version 3, by the new root alone.
    scene.roster("third", "new-root.pk8", |text| versioned(text, 2, 3));
    control_site.process.hang_up();
    let (text, seq) = control_site.await_event("roster-accepted", seq);
    assert_eq!(text, "version 3 of the roster is in use");
    cases.tried("one by the new root alone");

    // The site file still names the old root and the first roster.
    agent.kill();
    let _agent = rig.agent();
    let (text, seq) = control_site.await_event("roster-refused", seq);
    assert!(text.contains("version 1 of the roster is not newer than version 3"), "{text}");
    let (text, _) = control_site.await_event("master-file-in-force", seq);
    assert_eq!(text, "Master File MF-TEST-1 version 1 is in force");
    assert_eq!(scene.status()["roster"], 3);
    cases.tried(
        "after a kill: version 3, and the file that was accepted before the key was revoked",
    );
}

/// A command pauses the site; a killed agent is still paused, with its pending Master File; old commands and those of
/// other keys are refused.
// Req: SITE-01, SITE-02, MF-08
#[test]
fn commands_and_what_waits_survive_a_kill() {
    let mut cases = Cases::of("commands_and_what_waits_survive_a_kill");
    let (mut scene, agent) = Scene::set();
    let before = scene.last();
    let pause = scene.command("paused", 1, "control-site/command.pk8");
    let (text, seq) = scene.control_site.await_event("command-accepted", before);
    assert_eq!(text, "command 1: the site was active, is paused (room under repair)");
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(12);
    let next = MasterFile { version: 2, effective: tomorrow, ..scene.file.clone() };
    scene.publish("master-file", &scene.rig.keys.sign(&next.text(), &[QA, QP], &[]));
    let (_, seq) = scene.control_site.await_event("master-file-pending", seq);
    scene.device.set("TEMP.PV", 3905);
    let raised = scene.control_site.await_rows(
        "the alarm",
        "SELECT seq FROM alarms WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    assert_eq!(raised.len(), 1);
    let lasting = |status: &Value| {
        ["site_status", "command", "master_files", "batches"].map(|key| status[key].clone())
    };
    let alarms = |status: &Value| -> Vec<Value> {
        let all = status["alarms"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|one| one["alarm"] != "AGENT.BROKER").collect()
    };
    let was = scene.status();
    agent.kill();
    let _agent = scene.rig.agent();
    let _again = scene.control_site.await_event("master-file-in-force", seq);
    let is = scene.status();
    assert_eq!(lasting(&is), lasting(&was));
    assert_eq!(is["site_status"], "paused");
    assert_eq!(is["master_files"][1]["waits"], "effective");
    assert_eq!(alarms(&is), alarms(&was));
    let raised = "SELECT count(*) FROM alarms WHERE alarm IN ('TEMP.HH', 'AGENT.SITE-STATUS') AND transition = 'raised'";
    assert_eq!(scene.control_site.number(raised), 2, "nothing is announced twice");
    let pending = "SELECT count(*) FROM events WHERE kind = 'master-file-pending'";
    assert_eq!(scene.control_site.number(pending), 1);
    cases.tried("paused, a Master File pending, an alarm standing: the same after a kill");

    scene.command("active", 2, "control-site/command.pk8");
    let (_, seq) = scene.control_site.await_event("command-accepted", seq);
    scene.publish("command", &pause);
    let (text, seq) = scene.control_site.await_event("command-refused", seq);
    assert!(text.contains("number 1 is not higher than 2"), "{text}");
    cases.tried("an old command again");
    scene.command("ceased", 3, "control-site/receipt.pk8");
    let (text, _) = scene.control_site.await_event("command-refused", seq);
    assert!(text.contains("no command key of the roster"), "{text}");
    assert_eq!(scene.status()["site_status"], "active");
    cases.tried("a command by the receipt key");
}
