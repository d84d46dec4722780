//! Master Files that must not judge, and one that goes on although it has expired.

use std::fs;

use cellwatch_tests::{
    AGENT, Broker, Cases, ControlSite, Device, MasterFile, Process, Pymodbus, Rig, SITE, SiteFile,
    binary, finish, folder,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::types::Value as Sql;

const QA: &str = "people/qa.pk8";
const QP: &str = "people/qp.pk8";
/// The version that judges in the beginning.
const IN_FORCE: u32 = 5;

/// A rig with a foreign device.
struct Scene {
    rig: Rig,
    broker: Broker,
    control_site: ControlSite,
    device: Pymodbus,
    good: MasterFile,
}

impl Scene {
    /// The scene and its agent, which runs under version [`IN_FORCE`]; `expires_in` is the life of the Master File; a day where it does not matter.
    fn set(expires_in: Option<SignedDuration>) -> (Self, Process) {
        let rig = Rig::new();
        let _key = new_key(&rig, "nobody");
        let second_key = new_key(&rig, "second-key-of-qa");
        sign_roster(&rig, |text| with_a_second_key(text, &second_key));
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
        let device = Pymodbus::start(rig.path(), "every-type.json");
        let mut good = MasterFile::version_1(&profile);
        good.version = IN_FORCE;
        if let Some(expires_in) = expires_in {
            good.expires = Timestamp::now() + expires_in;
        }
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: broker.port,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        rig.configure(&site_file, &profile, &good.text());
        let agent = rig.agent();
        let (text, _) = control_site.await_event("master-file-in-force", 0);
        assert_eq!(text, format!("Master File MF-TEST-1 version {IN_FORCE} is in force"));
        (Self { rig, broker, control_site, device, good }, agent)
    }

    /// Offers a file over MQTT, as the Control Site does, and gives the event that answers it.
    fn offer(&self, signed: &[u8], answer: &str) -> (String, i64) {
        let before = self.control_site.number("SELECT max(seq) FROM records");
        let file = self.rig.path().join("offer.cose");
        fs::write(&file, signed).expect("a file");
        let mut publish = self.broker.client("mosquitto_pub", &self.rig.keys, "control-site");
        publish
            .args(["-t", &format!("cellwatch/1/{SITE}/{AGENT}/down/master-file"), "-f"])
            .arg(&file);
        assert_eq!(finish(publish).status, Some(0), "the broker takes the offer");
        self.control_site.await_event(answer, before)
    }
}

/// The roster's text, in which QA's person stands once more: as QP, with another key and another spelling.
fn with_a_second_key(text: &str, key: &str) -> String {
    let date = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{name} = ")));
        line.expect("a date of the first approver")
    };
    let (from, until) = (date("valid_from"), date("valid_until"));
    format!(
        "{text}\n[[approver]]\nname = \"qa  one\"\nrole = \"QP\"\nkey = \"{key}\"\n{from}\n{until}\n"
    )
}

/// Signs the roster's text anew, changed, for both ends.
fn sign_roster(rig: &Rig, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(rig.keys.path("roster.toml")).expect("the roster's text");
    let changed = rig.keys.path("roster-changed.toml");
    fs::write(&changed, change(&text)).expect("a file");
    let out = rig.keys.path("roster-changed.cose");
    let mut command = binary("control-site");
    command.args(["sign", "roster"]).arg(&changed);
    command.arg("--key").arg(rig.keys.path("root.pk8")).arg("--out").arg(&out);
    let signed = finish(command);
    assert_eq!(signed.status, Some(0), "{signed}");
    fs::rename(&out, rig.keys.path("roster.cose")).expect("a roster");
    fs::copy(rig.keys.path("roster.cose"), rig.site().join("roster.cose")).expect("a roster");
}

/// Makes a key in the authority's folder and gives its public half.
fn new_key(rig: &Rig, name: &str) -> String {
    let (private, public) =
        (rig.keys.path(&format!("{name}.pk8")), rig.keys.path(&format!("{name}.pub")));
    let mut command = binary("cellwatch");
    command.arg("keygen").arg("--out").arg(private).arg("--public-out").arg(&public);
    let made = finish(command);
    assert_eq!(made.status, Some(0), "{made}");
    fs::read_to_string(public).expect("a public key").trim().to_owned()
}

/// Each is refused with a reason of its own, on record and at the Control Site; the last good one goes on judging, and
/// polling never stops.
// Req: LAW-05, MF-01, MF-02, MF-03, MF-04, MF-05, ALM-03, SEAL-04
#[test]
fn master_file_refused() {
    let mut cases = Cases::of("master_file_refused");
    let (scene, agent) = Scene::set(None);
    let Scene { rig, control_site, good, .. } = &scene;
    let keys = &rig.keys;
    let next = MasterFile { version: IN_FORCE + 1, ..good.clone() };
    let hour = SignedDuration::from_hours(1);
    let now = Timestamp::now();

    let both = &[QA, QP];
    let changed = {
        let mut signed = keys.sign(&next.text(), both, &[]);
        let limit = signed.windows(5).position(|text| text == b" 38.0").expect("the limit") + 2;
        signed[limit] = b'9';
        signed
    };
    let with = |change: &dyn Fn(&mut MasterFile)| {
        let mut file = next.clone();
        change(&mut file);
        file.text()
    };
    let offers: Vec<(&str, Vec<u8>, &str)> = vec![
        ("one signature, QA's", keys.sign(&next.text(), &[QA], &[]), "signed by 0 of the 1 QP"),
        ("one signature, QP's", keys.sign(&next.text(), &[QP], &[]), "signed by 0 of the 1 QA"),
        (
            "two by the same person, with one key",
            keys.sign(&next.text(), &[QA, QA], &[]),
            "has signed twice with the same key",
        ),
        (
            "two by the same person, with two keys",
            keys.sign(&next.text(), &[QA, "second-key-of-qa.pk8"], &[]),
            "has signed twice: approvals must be of different people",
        ),
        (
            "older than the last",
            keys.sign(&with(&|file| file.version = IN_FORCE - 1), both, &[]),
            "its version 4 is not newer than 5",
        ),
        (
            "as old as the last",
            keys.sign(
                &with(&|file| {
                    file.version = IN_FORCE;
                    file.response.push('!');
                }),
                both,
                &[],
            ),
            "its version 5 is not newer than 5",
        ),
        (
            "for another site",
            keys.sign(&with(&|file| file.sites = vec!["nowhere-1".to_owned()]), both, &[]),
            "nowhere-1",
        ),
        ("changed by a byte", changed, "the file was changed after it, or it was forged"),
        (
            "expired",
            keys.sign(&with(&|file| file.expires = now - hour / 2), both, &[]),
            "it expired at",
        ),
        (
            "for another text of the device profile",
            keys.sign(&with(&|file| file.profile_sha256 = "ab".repeat(32)), both, &[]),
            "is not the text that was approved",
        ),
        (
            "with a key that nobody rostered",
            keys.sign(&next.text(), &[QA, "nobody.pk8"], &[]),
            "which the roster does not know",
        ),
        (
            "with the agent's own sealing key",
            keys.sign(&next.text(), &[QA, &format!("agents/{AGENT}/seal.pk8")], &[]),
            "approves no Master Files by the roster",
        ),
        (
            "with the Control Site's receipt key",
            keys.sign(&next.text(), &[QA, "control-site/receipt.pk8"], &[]),
            "receipt",
        ),
        (
            "with an alarm without a response",
            keys.sign(&with(&|file| file.response.clear()), both, &["--unchecked"]),
            "response",
        ),
        ("not signed at all", next.text().into_bytes(), "not a signed document"),
    ];
    let mut reasons = Vec::new();
    for (what, signed, says) in offers {
        let (text, seq) = scene.offer(&signed, "master-file-refused");
        assert!(text.starts_with("Master File refused: ") && text.contains(says), "{what}: {text}");
        reasons.push(text);
        assert_goes_on(control_site, seq);
        cases.tried(format_args!("{what}: refused as seq {seq}"));
    }
    let count = reasons.len();
    reasons.sort();
    reasons.dedup();
    assert_eq!(reasons.len(), count, "each has its own message: {reasons:#?}");

    // What is wrong in itself is not even signed.
    let unsigned = keys.try_sign(&with(&|file| file.response.clear()), both, &[]);
    let refused = unsigned.expect_err("an alarm without a response is not signed");
    assert_eq!(refused.status, Some(1), "{refused}");
    assert!(refused.stderr.contains("alarm[TEMP.HH].response"), "{refused}");
    cases.tried("an alarm without a response is not signed");

    // The door is not shut: a good one comes in and judges.
    let (text, accepted) = scene.offer(&keys.sign(&next.text(), both, &[]), "master-file-accepted");
    assert_eq!(text, format!("Master File MF-TEST-1 version {} accepted", IN_FORCE + 1));
    let (text, _) = control_site.await_event("master-file-in-force", accepted);
    assert_eq!(text, format!("Master File MF-TEST-1 version {} is in force", IN_FORCE + 1));
    cases.tried("a newer one by QA and QP is accepted");

    // And after a restart the newest version is still known.
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let _again = rig.agent();
    let (text, _) = control_site.await_event("master-file-in-force", accepted + 2);
    assert_eq!(text, format!("Master File MF-TEST-1 version {} is in force", IN_FORCE + 1));
    cases.tried("a restart does not bring the older one back");
}

/// An active file that expires goes on judging, under an alarm.
// Req: LAW-05, MF-04
#[test]
fn an_expired_master_file_goes_on_judging() {
    let mut cases = Cases::of("an_expired_master_file_goes_on_judging");
    let (mut scene, agent) = Scene::set(Some(SignedDuration::from_secs(30)));
    let (text, expired) = scene.control_site.await_event("master-file-expired", 0);
    assert!(text.contains("goes on judging"), "{text}");
    let alarm = raised(&scene.control_site, "AGENT.MASTER-FILE-EXPIRED");
    assert!(alarm > 0);
    cases.tried(format_args!("expired as seq {expired}, alarm as seq {alarm}"));

    scene.device.set("TEMP.PV", 3905);
    let judged = raised(&scene.control_site, "TEMP.HH");
    assert!(judged > expired, "seq {judged} after {expired}");
    cases.tried(format_args!("a limit alarm after the expiry, as seq {judged}"));
    assert_goes_on(&scene.control_site, judged);
    let in_force =
        scene.control_site.number(&format!("SELECT master_file FROM records WHERE seq = {judged}"));
    assert_eq!(in_force, 1, "the record names the file that judged");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    cases.tried("polling goes on");
}

/// Sequence number of the record by which an alarm was raised.
fn raised(control_site: &ControlSite, alarm: &str) -> i64 {
    let rows = control_site.await_rows(
        alarm,
        &format!("SELECT seq FROM alarms WHERE alarm = '{alarm}' AND transition = 'raised'"),
    );
    match rows[0][0] {
        Sql::Integer(seq) => seq,
        ref other @ (Sql::Null | Sql::Real(_) | Sql::Text(_) | Sql::Blob(_)) => {
            panic!("a sequence number, not {other:?}")
        }
    }
}

/// Polling goes on after `seq`, under the same Master File.
fn assert_goes_on(control_site: &ControlSite, seq: i64) {
    let frames = control_site.await_rows(
        "telemetry after it",
        &format!(
            "SELECT master_file FROM records WHERE kind = 'telemetry' AND seq > {seq} LIMIT 1"
        ),
    );
    assert_eq!(frames[0][0], Sql::Integer(1), "the last good Master File goes on");
}
