//! An agent's key in real life: changed in the middle of a batch, lost, and replaced.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cellwatch_record::{Body, EventKind, decode};
use cellwatch_tests::{
    AGENT, Cases, ControlSite, Device, Finished, MasterFile, Process, Rig, SITE, SiteFile,
    await_until, binary, finish, python, reactor, root, segments,
};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// Records of each key.
const RECORDS: i64 = 15;

struct Scene {
    rig: Rig,
    control_site: ControlSite,
    _reactor: Process,
    _broker: cellwatch_tests::Broker,
}

impl Scene {
    fn set() -> Self {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let example = root().join("config/examples/profiles/rocking-bag-25.toml");
        let profile = fs::read_to_string(&example).expect("the example profile");
        let (reactor, modbus) = reactor(rig.path(), &example, 1);
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: broker.port,
            devices: vec![Device::numbered(1, &modbus)],
            segment_mib: 64,
        };
        rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
        Self { rig, control_site, _reactor: reactor, _broker: broker }
    }

    /// Makes the next roster from the text of the one before, signed by the root, and has it sent.
    fn roster(&self, version: u32, change: impl Fn(&str) -> String) {
        let keys = &self.rig.keys;
        let text = fs::read_to_string(keys.path("roster.toml")).expect("the roster's text");
        let (from, to) = (format!("version = {}", version - 1), format!("version = {version}"));
        let (next, out) = (keys.path("next.toml"), keys.path(&format!("{version}.cose")));
        fs::write(&next, change(&text.replacen(&from, &to, 1))).expect("a file");
        let mut command = binary("control-site");
        command.args(["sign", "roster"]).arg(&next).arg("--key").arg(keys.path("root.pk8"));
        command.arg("--out").arg(&out);
        let signed = finish(command);
        assert_eq!(signed.status, Some(0), "{signed}");
        fs::copy(&next, keys.path("roster.toml")).expect("a roster");
        fs::copy(&out, keys.path("roster.cose")).expect("a roster");
        self.control_site.process.hang_up();
    }

    fn with_key(&self, version: u32, public: &Path) {
        let key = fs::read_to_string(public).expect("a public key");
        let entry =
            format!("\n[[agent]]\nid = \"{AGENT}\"\nsite = \"{SITE}\"\nkey = \"{}\"\n", key.trim());
        self.roster(version, |text| text.to_owned() + &entry);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.rig.site().join(name)
    }

    fn await_records(&self, after: i64) {
        await_until("records", Duration::from_secs(120), || {
            let last = self.rig.last_seq();
            if last >= after + RECORDS { Ok(()) } else { Err(format!("seq {last}")) }
        });
    }

    fn verify(&self) -> Value {
        let said = self.rig.cellwatch(&["verify", "--json"]);
        assert_eq!(said.status, Some(0), "{said}");
        serde_json::from_str(&said.stdout).expect("JSON")
    }

    fn key_id(&self, public: &Path) -> String {
        let key = fs::read_to_string(public).expect("a public key");
        let key: cellwatch_seal::PublicKey = key.trim().parse().expect("a public key");
        key.id().to_string()
    }

    /// Everything in the journal: what is stored of each record.
    fn stored(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for (_, segment) in segments(&self.rig.journal()) {
            let database = Connection::open_with_flags(&segment, OpenFlags::SQLITE_OPEN_READ_ONLY)
                .expect("it");
            database.busy_timeout(Duration::from_secs(10)).expect("it");
            let mut rows = database.prepare("SELECT sealed FROM records ORDER BY seq").expect("it");
            let rows = rows.query_map([], |row| row.get(0)).expect("rows");
            all.extend(rows.map(|row| row.expect("a row")));
        }
        all
    }

    fn foreign(&self, public: &Path) -> Finished {
        let captured = self.rig.path().join("messages.txt");
        let line = |sealed: &Vec<u8>| {
            let digits: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("cellwatch/1/{SITE}/{AGENT}/event {digits}\n")
        };
        fs::write(&captured, self.stored().iter().map(line).collect::<String>()).expect("a file");
        let mut verifier = python("verify.py");
        verifier.arg(public).stdin(Stdio::from(fs::File::open(&captured).expect("captured")));
        let output = verifier.output().expect("Python runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
        Finished { status: output.status.code(), stdout, stderr }
    }
}

/// How many of these are bare payloads: a seal begins with its tag.
fn unsealed(stored: &[Vec<u8>]) -> usize {
    stored.iter().filter(|one| one[0] != 0xd2).count()
}

/// A key file that others may read is no key: the agent says what to do, records and judges, and sends nothing; once
/// the file is its owner's alone, what was recorded is sealed and sent.
// Req: LAW-04, SEAL-06
#[test]
fn a_key_that_others_may_read_seals_nothing() {
    let mut cases = Cases::of("a_key_that_others_may_read_seals_nothing");
    let scene = Scene::set();
    let Scene { rig, control_site, .. } = &scene;
    let key = scene.file("seal.pk8");
    let mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("a mode");
    mode(0o640);
    let agent = rig.agent();
    scene.await_records(0);
    let stored = scene.stored();
    assert_eq!(unsealed(&stored), stored.len());
    assert_eq!(control_site.number("SELECT count(*) FROM records"), 0, "nothing is sent");
    assert!(agent.log().contains("chmod 600"), "{}", agent.log());
    cases.tried("readable by the group: nothing sealed, nothing sent, and what to do is said");

    mode(0o600);
    let last = rig.last_seq();
    control_site.await_through(last);
    let stored = scene.stored();
    assert_eq!(unsealed(&stored[..usize::try_from(last).expect("few")]), 0);
    assert_eq!(control_site.number("SELECT count(*) FROM refusals"), 0);
    cases.tried(format_args!("its owner's alone: sealed and received through seq {last}"));
}

/// The key is changed while a batch runs: the agent does it by itself when the roster names both, records it sealed
/// with both, and every proof goes through, from either key.
// Req: SEAL-02, SEAL-05
#[test]
fn a_key_is_changed_in_the_middle_of_a_batch() {
    let mut cases = Cases::of("a_key_is_changed_in_the_middle_of_a_batch");
    let scene = Scene::set();
    let Scene { rig, control_site, .. } = &scene;
    let agent = rig.agent();
    let old = rig.keys.path("agents").join(AGENT).join("seal.pub");
    let started = control_site.await_rows(
        "the batch's start",
        "SELECT seq FROM events WHERE kind = 'batch' ORDER BY seq LIMIT 1",
    );
    let [Sql::Integer(first)] = started[0].as_slice() else { panic!("{started:?}") };
    scene.await_records(*first);

    let new = scene.file("next.pub");
    let made = rig.cellwatch(&["keygen", "--rotate", "--public-out", &new.display().to_string()]);
    assert_eq!(made.status, Some(0), "{made}");
    let again = rig.cellwatch(&["keygen", "--rotate"]);
    assert_eq!(again.status, Some(2), "one after the other: {again}");
    scene.with_key(2, &new);
    let (_, changed) = control_site.await_event("key-rotated", 0);
    assert!(changed > *first);
    scene.await_records(changed);
    control_site.await_through(changed + RECORDS);
    let seals = control_site
        .rows("SELECT key, how, rotated_seq, successor FROM journal_seals ORDER BY first_seq");
    let (old_id, new_id) = (scene.key_id(&old), scene.key_id(&new));
    let text = |text: &str| Sql::Text(text.to_owned());
    assert_eq!(
        seals,
        [
            vec![text(&old_id), text("first"), Sql::Integer(changed), text(&new_id)],
            vec![text(&new_id), text("rotated"), Sql::Null, Sql::Null],
        ]
    );
    assert_eq!(control_site.number("SELECT count(*) FROM refusals"), 0);
    assert!(!scene.file("seal.pk8.next").exists(), "the next key is the present one");
    cases.tried(format_args!("seq {changed} of a batch from seq {first}: sealed with both"));

    // A start knows the new key, and needs no roster that names the old one.
    agent.kill();
    let agent = rig.agent();
    let last = rig.last_seq();
    scene.await_records(last);
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    control_site.await_through(rig.last_seq());
    let verdict = scene.verify();
    let keys: Vec<(&str, bool)> = verdict["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|one| (one["key"].as_str().expect("an id"), one["rotated"] == true))
        .collect();
    assert_eq!(keys, [(old_id.as_str(), true), (new_id.as_str(), true)]);
    let journal = rig.journal().display().to_string();
    for public in [&old, &new] {
        let mut command = binary("cellwatch");
        command.args(["verify", "--journal", &journal, "--public-key"]).arg(public);
        let verified = finish(command);
        assert_eq!(verified.status, Some(0), "{verified}");
    }
    let mut command = binary("cellwatch");
    command.args(["verify", "--journal", &journal, "--public-key"]).arg(rig.keys.path("root.pub"));
    assert_eq!(finish(command).status, Some(1), "a key that has nothing to do with it");
    cases.tried_many(3, "the journal, from one key alone");

    let report = scene.foreign(&old);
    assert_eq!(report.status, Some(0), "{report}");
    let report: Value = serde_json::from_str(&report.stdout).expect("JSON");
    assert_eq!(report["keys"], 2, "{report}");
    let wrong = scene.foreign(&rig.keys.path("root.pub"));
    assert_eq!(wrong.status, Some(1), "{wrong}");
    cases.tried("the same in another language");

    let out = rig.path().join("export").display().to_string();
    let (from, to) = ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let export = rig.cellwatch(&["export", "--from", from, "--to", to, "--out", &out]);
    assert_eq!(export.status, Some(0), "{export}");
    for public in [&old, &new] {
        let mut command = binary("cellwatch");
        command.args(["verify", "--export", &out, "--public-key"]).arg(public);
        let verified = finish(command);
        assert_eq!(verified.status, Some(0), "{verified}");
    }
    cases.tried_many(2, "an export over the change, from one key alone");
}

/// The key is gone at a start: the agent judges and records, sends nothing and says so. Another key that the roster does
/// not name changes nothing; when a roster names it, it seals what was recorded, and the Control Site shows that the key
/// before did not seal the change. No restart is needed.
// Req: LAW-04, SEAL-06
#[test]
fn a_lost_key_stops_sealing_and_not_recording() {
    let mut cases = Cases::of("a_lost_key_stops_sealing_and_not_recording");
    let scene = Scene::set();
    let Scene { rig, control_site, .. } = &scene;
    let agent = rig.agent();
    scene.await_records(0);
    control_site.await_through(RECORDS);
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let sealed = rig.last_seq();
    control_site.await_through(sealed);

    fs::remove_file(scene.file("seal.pk8")).expect("the key is lost");
    let agent = rig.agent();
    scene.await_records(sealed);
    assert!(unsealed(&scene.stored()) > 0);
    assert_eq!(unsealed(&scene.stored()[..usize::try_from(sealed).expect("few")]), 0);
    assert_eq!(control_site.through(), sealed, "nothing is sent");
    let status = rig.cellwatch(&["status"]);
    let status: Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(status["key"], Value::Null, "{status}");
    assert!(status["alarms"].to_string().contains("AGENT.UNSEALED"), "{status}");
    let verdict = rig.cellwatch(&["verify"]);
    assert_eq!(verdict.status, Some(1), "{verdict}");
    assert!(verdict.stdout.contains("is not sealed yet"), "{verdict}");
    cases
        .tried(format_args!("lost: {} records and an alarm, none sent", unsealed(&scene.stored())));

    // Another key; the roster does not name it.
    let public = scene.file("replaced.pub");
    let (to, public_to) =
        (scene.file("seal.pk8").display().to_string(), public.display().to_string());
    let mut command = binary("cellwatch");
    command.args(["keygen", "--out", &to, "--public-out", &public_to]);
    assert_eq!(finish(command).status, Some(0));
    let before = rig.last_seq();
    scene.await_records(before);
    assert!(scene.stored().last().is_some_and(|one| one[0] != 0xd2), "not by that key");
    assert_eq!(control_site.through(), sealed, "nothing is sent");
    cases.tried("a key that the roster does not name seals nothing");

    // Whoever restarts the agent changes nothing either.
    agent.kill();
    let agent = rig.agent();
    let restarted = rig.last_seq();
    scene.await_records(restarted);
    cases.tried("restarted without a key");

    // The roster comes down on the connection that sends nothing.
    scene.with_key(2, &public);
    let resumed = control_site.await_rows(
        "the agent's word that it seals again",
        &format!("SELECT seq FROM events WHERE kind = 'sealing' AND text LIKE 'records are sealed with key {}%'", scene.key_id(&public)),
    );
    let [Sql::Integer(resumed)] = resumed[0].as_slice() else { panic!("{resumed:?}") };
    let resumed = *resumed;
    control_site.await_through(resumed);
    let all = scene.stored();
    assert_eq!(unsealed(&all), 0, "everything is sealed");
    let how =
        control_site.rows("SELECT key, how FROM journal_seals ORDER BY first_seq DESC LIMIT 1");
    let text = |text: &str| Sql::Text(text.to_owned());
    assert_eq!(how, [vec![text(&scene.key_id(&public)), text("replaced")]]);
    let mut inspect = binary("control-site");
    inspect.arg("inspect").arg("--database").arg(rig.path().join("control-site.db"));
    let inspected = finish(inspect);
    assert!(inspected.stdout.contains("replaced"), "{inspected}");
    assert_eq!(control_site.number("SELECT count(*) FROM refusals"), 0);
    assert_eq!(control_site.number("SELECT sum(missing) FROM journals"), 0);
    let stopped = all.iter().filter(|sealed| {
        let opened = cellwatch_seal::open(sealed).expect("sealed");
        matches!(decode(opened.untrusted_payload()).map(|one| one.body), Ok(Body::Event(event)) if event.kind == EventKind::Sealing)
    });
    assert!(stopped.count() >= 3, "each stop and the return are on record");
    cases.tried(format_args!(
        "a rostered key: seq {} to {} sealed late, all here",
        sealed + 1,
        resumed
    ));
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let verdict = scene.verify();
    assert_eq!(verdict["keys"][1]["rotated"], false, "{verdict}");
    assert_eq!(verdict["keys"][1]["from_seq"], sealed + 1, "{verdict}");
    cases.tried("the journal verifies, and names the change");
}
