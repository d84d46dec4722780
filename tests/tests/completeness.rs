//! A batch is proven whole: sealed by the agent, answered by the Control Site, exported, and verified from files alone.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use cellwatch_seal::{Sealer, key_file};
use cellwatch_tests::{
    AGENT, Cases, Device, Finished, MasterFile, Process, Rig, SITE, SiteFile, await_until, binary,
    finish, python, root, segments,
};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Records that a batch has at least when it ends.
const RECORDS: i64 = 25;

/// The broker hands telemetry and bundles of the batch to nobody at first: the Control Site has the seal, names what is
/// missing, gets it when the broker lets it through, and says that everything is there. Then files alone prove it, here
/// and there and in another language.
// Req: BAT-01, BAT-02, BAT-03, EXP-01, EXP-02, SEAL-02
#[test]
fn completeness() {
    let mut cases = Cases::of("completeness");
    let rig = Rig::new();
    let mut broker = rig.broker();
    let prefix = format!("cellwatch/1/{SITE}/{AGENT}");
    let withheld = [format!("{prefix}/+/telemetry"), format!("{prefix}/backfill")];
    broker.withhold("control-site", &withheld);
    let control_site = rig.control_site(&broker);
    let example = root().join("config/examples/profiles/rocking-bag-25.toml");
    let profile = fs::read_to_string(&example).expect("the example profile");
    let (_reactor, modbus, control) = reactor(rig.path(), &example);
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &modbus)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
    let agent = rig.agent();
    let started = control_site.await_rows(
        "the batch's start",
        "SELECT batch, seq FROM events WHERE kind = 'batch' ORDER BY seq LIMIT 1",
    );
    let [Sql::Text(batch), Sql::Integer(first)] = started[0].as_slice() else {
        panic!("{started:?}")
    };
    await_until("records of the batch", Duration::from_secs(120), || {
        let last = rig.last_seq();
        if last >= first + RECORDS { Ok(()) } else { Err(format!("seq {last}")) }
    });
    // Another start in the middle: the fold goes on.
    agent.kill();
    let agent = rig.agent();
    post(&control, "/phase", r#"{"phase": "idle"}"#);

    let missing = control_site.await_rows(
        "what is missing of the batch",
        "SELECT missing, seal_seq FROM batch_completeness WHERE found = 'incomplete'",
    );
    let [Sql::Text(missing), Sql::Integer(seal)] = missing[0].as_slice() else {
        panic!("{missing:?}")
    };
    let ranges: Vec<[i64; 2]> = serde_json::from_str(missing).expect("ranges");
    assert!(ranges.iter().all(|[from, to]| first <= from && from <= to && to < seal), "{missing}");
    let (words, _) = control_site.await_event("batch-incomplete", *seal);
    assert!(words.contains(batch.as_str()), "{words}");
    cases.tried(format_args!("telemetry withheld: {} ranges are missing", ranges.len()));

    broker.withhold("control-site", &[]);
    control_site.await_rows(
        "everything of the batch, and the agent's word that it knows",
        "SELECT 1 FROM batch_completeness WHERE found = 'complete' AND confirmed = 1",
    );
    let (_, complete) = control_site.await_event("batch-complete", *seal);
    control_site.await_through(complete);
    for [from, to] in &ranges {
        let late = format!("SELECT count(*) FROM records WHERE seq BETWEEN {from} AND {to}");
        assert_eq!(control_site.number(&late), to - from + 1, "{from} to {to} came");
    }
    cases.tried("what was missing came, and the batch is complete at both ends");
    assert_eq!(agent.terminate(), Some(0), "a clean end");

    let here = json(&rig.cellwatch(&["verify", "--batch", batch, "--json"]), 0);
    assert_eq!(here["completeness"]["found"], "complete", "{here}");
    assert_eq!(here["completeness"]["seal"], "verified", "{here}");
    let there = json(&inspect(&rig, &["--batch", batch]), 0);
    assert_eq!(here["root"], there["root"]);
    assert_eq!(there["completeness"]["seal"], "verified", "{there}");
    assert_eq!(rig.cellwatch(&["verify", "--batch", "B-UNKNOWN"]).status, Some(2));
    assert_eq!(inspect(&rig, &["--batch", "B-UNKNOWN"]).status, Some(2));
    cases.tried(format_args!(
        "{} records proven from the journal and from the store",
        here["records"]
    ));

    let (ours, theirs) = (rig.path().join("export-agent"), rig.path().join("export-control-site"));
    let out = ours.display().to_string();
    json(&rig.cellwatch(&["export", "--batch", batch, "--out", &out, "--json"]), 0);
    json(&rig.cellwatch(&["verify", "--export", &out, "--json"]), 0);
    json(&export_of_the_control_site(&rig, batch, &theirs), 0);
    let out = theirs.display().to_string();
    json(&rig.cellwatch(&["verify", "--export", &out, "--json"]), 0);
    for (folder, sealed_by) in [(&ours, "agent"), (&theirs, "control-site")] {
        let report = foreign(&rig, folder, sealed_by);
        assert_eq!(report["batch"]["root"], here["root"], "the root by another implementation");
        assert!(report["rows"]["readings.csv"].as_u64() > Some(0), "{report}");
        assert!(report["rows"]["batches.csv"].as_u64() >= Some(3), "{report}");
        cases.tried_many(
            report["records"].as_u64().map_or(0, |count| usize::try_from(count).unwrap_or(0)),
            "an exported record verified by pycose and cbor2",
        );
    }
    for (folder, name) in [(&ours, "readings.csv"), (&theirs, "records.jsonl")] {
        let path = folder.join(name);
        let mut content = fs::read(&path).expect("a file of the export");
        let middle = content.len() / 2;
        content[middle] ^= 1;
        fs::write(&path, content).expect("a file of the export");
        let out = folder.display().to_string();
        assert_eq!(rig.cellwatch(&["verify", "--export", &out]).status, Some(1), "{name}");
        cases.tried(format_args!("one bit of {name}: found"));
    }

    let (_, segment) = segments(&rig.journal()).pop().expect("a segment");
    let database = Connection::open(segment).expect("a segment");
    let dropped = first + 3;
    assert_eq!(database.execute("DELETE FROM records WHERE seq = ?1", [dropped]).expect("one"), 1);
    drop(database);
    let here = json(&rig.cellwatch(&["verify", "--batch", batch, "--json"]), 1);
    assert_eq!(here["missing"][0][0], dropped, "{here}");
    cases.tried("one record dropped from the journal: named");
}

/// A reactor in expansion, the address of its registers and of its control port.
fn reactor(rig: &Path, profile: &Path) -> (Process, String, String) {
    let mut command = binary("reactor");
    command.args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
    command.args(["--phase", "expansion"]).arg("--profile").arg(profile);
    let mut process = Process::start("reactor", rig, command);
    let ready = process.ready();
    let address = |name: &str| ready[name].as_str().expect("an address").to_owned();
    let (modbus, control) = (address("modbus"), address("control"));
    (process, modbus, control)
}

fn post(address: &str, path: &str, body: &str) {
    let mut stream = TcpStream::connect(address).expect("the control port");
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: reactor\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.contains(" 200 "), "{answer}");
}

fn json(finished: &Finished, status: i32) -> Value {
    assert_eq!(finished.status, Some(status), "{finished}");
    serde_json::from_str(finished.stdout.trim())
        .unwrap_or_else(|error| panic!("{error}: {finished}"))
}

fn inspect(rig: &Rig, arguments: &[&str]) -> Finished {
    let mut command = binary("control-site");
    command.arg("inspect").arg("--database").arg(rig.path().join("control-site.db"));
    command.arg("--roster").arg(rig.keys.path("roster.cose"));
    command.arg("--root").arg(rig.keys.path("root.pub")).args(arguments);
    finish(command)
}

fn export_of_the_control_site(rig: &Rig, batch: &str, out: &Path) -> Finished {
    let mut command = binary("control-site");
    command.args(["export", "--agent", AGENT, "--batch", batch, "--asked-by", "Quality One"]);
    command.arg("--database").arg(rig.path().join("control-site.db"));
    command.arg("--roster").arg(rig.keys.path("roster.cose"));
    command.arg("--root").arg(rig.keys.path("root.pub"));
    command.arg("--receipt-key").arg(rig.keys.path("control-site/receipt.pk8"));
    command.arg("--out").arg(out);
    finish(command)
}

/// What the verifier in another language says of an export.
fn foreign(rig: &Rig, folder: &Path, sealed_by: &str) -> Value {
    let agent = rig.keys.path("agents").join(AGENT).join("seal.pub");
    let maker = match sealed_by {
        "control-site" => {
            let key = key_file::read(&rig.keys.path("control-site/receipt.pk8")).expect("a key");
            let public = rig.path().join("receipt.pub");
            fs::write(&public, key.public().to_string()).expect("a file");
            public
        }
        _ => agent.clone(),
    };
    let mut command = python("verify_export.py");
    command.arg(folder).arg(agent).arg(maker);
    json(&finish(command), 0)
}
