//! Records taken from MQTT are verified by an implementation in another language.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use cellwatch_tests::{
    AGENT, Cases, Device, MasterFile, Process, Rig, SITE, SiteFile, await_until, finish, python,
    reactor, root,
};
use serde_json::Value;

/// Live messages that are awaited before the agent is ended.
const MESSAGES: usize = 60;

/// pycose and cbor2 verify every record that a subscriber got, walk the chain from seq 1, decode the frames, and refuse
/// each record with one bit changed.
// Req: LAW-03, LAW-04, LAW-12, SEAL-02, SEAL-03, ACQ-02, MF-06
#[test]
fn independent_verifier() {
    let mut cases = Cases::of("independent_verifier");
    let rig = Rig::new();
    let broker = rig.broker();
    let keys = &rig.keys;

    // A retained message comes only once the subscription stands: nothing of the agent's is missed.
    let mut hello = broker.client("mosquitto_pub", keys, "dashboard");
    hello.args(["-t", "test/subscribed", "-r", "-m", "yes"]);
    assert_eq!(finish(hello).status, Some(0), "the broker takes a message");
    let mut subscriber = broker.client("mosquitto_sub", keys, "dashboard");
    let topics = format!("cellwatch/1/{SITE}/{AGENT}/#");
    subscriber.args(["-F", "%t %x", "-t", &topics, "-t", "test/subscribed"]);
    let subscriber = Process::start("mosquitto_sub", rig.path(), subscriber);
    let soon = Duration::from_secs(60);
    await_until("the subscription", soon, || messages(&subscriber, "test/subscribed", 1));

    let example = root().join("config/examples/profiles/rocking-bag-25.toml");
    let profile = fs::read_to_string(&example).expect("the example profile");
    let (_first, first) = reactor(rig.path(), &example, 1);
    let (_second, second) = reactor(rig.path(), &example, 2);
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &first), Device::numbered(2, &second)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
    let agent = rig.agent();
    await_until("records", Duration::from_secs(120), || {
        messages(&subscriber, "telemetry", MESSAGES)
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let gone = format!("cellwatch/1/{SITE}/{AGENT}/presence");
    await_until("the agent's farewell", soon, || messages(&subscriber, &gone, 2));

    let captured = rig.path().join("messages.txt");
    fs::write(&captured, subscriber.lines().join("\n")).expect("a file");
    let mut verifier = python("verify.py");
    verifier.arg(keys.path("agents").join(AGENT).join("seal.pub"));
    verifier.stdin(Stdio::from(fs::File::open(&captured).expect("captured")));
    let output = verifier.output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let count = |name: &str| {
        let count = report[name].as_u64().unwrap_or_else(|| panic!("{name} in {report}"));
        usize::try_from(count).expect("small")
    };
    assert_eq!(count("records"), count("through"), "every record from seq 1 came: {report}");
    assert!(count("records") >= MESSAGES, "{report}");
    assert!(count("readings_checked_by_raw_words") > 0, "raw words stand beside values: {report}");
    assert_eq!(count("master_files"), 1, "one Master File came into force: {report}");
    cases.tried_many(count("records"), "a record verified by pycose and cbor2");
    cases.tried_many(
        count("readings_checked_by_raw_words"),
        "a value computed again from its raw words",
    );
    cases.tried_many(count("refused_changes"), "a record with one bit changed, refused");

    // The verifier itself must not believe everything: another agent's key refuses the first record.
    let other = keys.path("root.pub");
    let mut verifier = python("verify.py");
    verifier.arg(other).stdin(Stdio::from(fs::File::open(&captured).expect("captured")));
    let output = verifier.output().expect("Python runs");
    assert_eq!(output.status.code(), Some(1), "another key verifies nothing");
    cases.tried("another key");
}

/// How many messages of topics that end so have come, if enough.
fn messages(subscriber: &Process, leaf: &str, enough: usize) -> Result<usize, String> {
    let topic = |line: &String| line.split(' ').next().is_some_and(|topic| topic.ends_with(leaf));
    let count = subscriber.lines().iter().filter(|line| topic(line)).count();
    if count >= enough { Ok(count) } else { Err(format!("{count} messages; {}", subscriber.log())) }
}
