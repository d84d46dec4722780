//! The binary from its first start to its last: keys, check, run, acknowledge, status, stop, kill, verify.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cellwatch_seal::{
    MASTER_FILE_CONTENT_TYPE, ROSTER_CONTENT_TYPE, Sealer, SealingKey, document, key_file,
};

const SITE: &str = include_str!("../../../config/examples/site.toml");
const PROFILE: &str = include_str!("../../../config/examples/profiles/rocking-bag-25.toml");
const MASTER_FILE: &str = include_str!("../../../config/examples/master-file.toml");

/// A device whose registers are all 1.
fn device() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut request = [0; 12];
                while stream.read_exact(&mut request).is_ok() {
                    let count = u16::from_be_bytes([request[10], request[11]]);
                    let data = if request[7] <= 2 {
                        vec![0xff; usize::from(count.div_ceil(8))]
                    } else {
                        [0, 1].repeat(usize::from(count))
                    };
                    let bytes = u8::try_from(data.len()).unwrap();
                    let length = u16::from(bytes) + 3;
                    let head = [request[0], request[1], 0, 0, 0, 0, request[6], request[7], bytes];
                    let mut reply = [&head[..], &data].concat();
                    reply[4..6].copy_from_slice(&length.to_be_bytes());
                    if stream.write_all(&reply).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

fn certificates(dir: &Path) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    fs::write(dir.join("authority.pem"), &certificate).unwrap();
    fs::write(dir.join("agent-1.pem"), &certificate).unwrap();
    fs::write(dir.join("agent-1.key"), key.serialize_pem()).unwrap();
    fs::set_permissions(dir.join("agent-1.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// An installation as the examples describe it, whose broker is away.
fn installation(dir: &Path) {
    for folder in ["keys", "trust", "tls", "profiles"] {
        fs::create_dir(dir.join(folder)).unwrap();
    }
    let (first, second) = (device(), device());
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let site = SITE
        .replace("127.0.0.1:15021", &format!("127.0.0.1:{first}"))
        .replace("127.0.0.1:15022", &format!("127.0.0.1:{second}"))
        .replace("broker.control-site.example", "localhost")
        .replace("8883", &nobody.to_string())
        .replace("clock = \"kernel\"", "clock = \"simulated\"")
        .replace("seconds = 5", "seconds = 1");
    fs::write(dir.join("site.toml"), site).unwrap();
    fs::write(dir.join("profiles/rocking-bag-25.toml"), PROFILE).unwrap();
    certificates(&dir.join("tls"));

    let keygen = cellwatch(dir, &["keygen", "--out", "keys/agent-1.pk8"]);
    assert_eq!(keygen.status.code(), Some(0), "{keygen:?}");
    let agent = key_file::read(&dir.join("keys/agent-1.pk8")).unwrap().public();
    assert!(text(&keygen.stdout).contains(&agent.to_string()));

    let [root, qa, qp] = [(); 3].map(|()| SealingKey::generate().unwrap().0);
    for name in ["root-1", "root-2"] {
        key_file::write_public(&dir.join(format!("trust/{name}.pub")), &root.public()).unwrap();
    }
    let dates = "valid_from = 2020-01-01T00:00:00Z\nvalid_until = 2090-01-01T00:00:00Z";
    let roster = format!(
        "[roster]\nversion = 1\nissued = 2020-01-01T00:00:00Z\nexpires = 2090-01-01T00:00:00Z\n\
         [[root]]\nname = \"Root\"\nkey = \"{}\"\n\
         [[approver]]\nname = \"A. Quality\"\nrole = \"QA\"\nkey = \"{}\"\n{dates}\n\
         [[approver]]\nname = \"B. Qualified\"\nrole = \"QP\"\nkey = \"{}\"\n{dates}\n\
         [[agent]]\nid = \"agent-1\"\nsite = \"barcelona-1\"\nkey = \"{agent}\"\n\
         [thresholds]\nqa = 1\nqp = 1\n",
        root.public(),
        qa.public(),
        qp.public()
    );
    let signed = document::sign_new(ROSTER_CONTENT_TYPE, roster.as_bytes(), &[&root]);
    fs::write(dir.join("trust/roster.cose"), signed).unwrap();
    let signed = document::sign_new(MASTER_FILE_CONTENT_TYPE, dated().as_bytes(), &[&qa, &qp]);
    fs::write(dir.join("trust/master-file.cose"), signed).unwrap();
}

/// The example's Master File, valid whenever the test runs.
fn dated() -> String {
    MASTER_FILE
        .replace("effective = 2026", "effective = 2020")
        .replace("expires = 2028", "expires = 2089")
        // The device says another serial number; its phase is believed where any may.
        .replace("serials = [\"RB25-0117\", \"RB25-0118\"]", "serials = []")
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cellwatch"));
    command.current_dir(dir).args(arguments);
    command
}

fn cellwatch(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running daemon; killed when the test fails.
struct Daemon {
    child: Child,
    ready: serde_json::Value,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    fn start(dir: &Path) -> Self {
        let log = fs::OpenOptions::new().create(true).append(true).open(dir.join("log")).unwrap();
        let mut child = command(dir, &["run", "--json-ready"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| {
            panic!("{error}: {line:?}: {}", fs::read_to_string(dir.join("log")).unwrap())
        });
        Self { child, ready }
    }

    /// Asks until this many records are on disk.
    fn wait_for(&mut self, dir: &Path, seq: u64) {
        loop {
            let status = cellwatch(dir, &["status"]);
            let found: serde_json::Value = serde_json::from_slice(&status.stdout)
                .unwrap_or_else(|error| panic!("{error}: {status:?}"));
            if found["durable_seq"].as_u64().unwrap() >= seq {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "it ended by itself");
        }
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

fn verified(dir: &Path) -> serde_json::Value {
    let verify = cellwatch(dir, &["verify", "--json"]);
    assert_eq!(verify.status.code(), Some(0), "{verify:?}");
    serde_json::from_slice(&verify.stdout).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// Req: LAW-08, SIM-02
fn judged_again(dir: &Path) {
    let replay = cellwatch(dir, &["replay", "--json"]);
    assert_eq!(replay.status.code(), Some(0), "{replay:?}");
    let same = json(&replay);
    assert_eq!(same["ok"], true, "{same}");
    assert!(same["readings"].as_u64().unwrap() > 0, "{same}");

    let text_of_file = dated();
    fs::write(dir.join("judged.toml"), &text_of_file).unwrap();
    let replay = cellwatch(dir, &["replay", "--master-file", "judged.toml"]);
    assert!(text(&replay.stdout).contains("THE SAME"), "{replay:?}");

    let other = text_of_file.replace("MF-CART-001", "MF-CART-002");
    fs::write(dir.join("other.toml"), other).unwrap();
    let unknown = cellwatch(dir, &["replay", "--master-file", "other.toml"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    assert!(text(&unknown.stderr).contains("judged from here on"), "{unknown:?}");
    let rehearsed = cellwatch(dir, &["replay", "--rehearse", "other.toml"]);
    assert_eq!(rehearsed.status.code(), Some(0), "{rehearsed:?}");
    assert!(text(&rehearsed.stdout).contains("with this Master File"), "{rehearsed:?}");
}

fn told(dir: &Path) {
    let listed = json(&cellwatch(dir, &["report", "--json"]));
    let batch = listed[0]["batch"].as_str().unwrap_or_else(|| panic!("{listed}")).to_owned();
    let report = json(&cellwatch(dir, &["report", "--batch", &batch, "--json"]));
    assert_eq!(report["missing"], 0, "{report}");
    assert!(report["coverage"].as_array().is_some_and(|rows| !rows.is_empty()), "{report}");
    let told = cellwatch(dir, &["report", "--batch", &batch]);
    assert!(text(&told.stdout).contains("## Coverage"), "{told:?}");
    let none = cellwatch(dir, &["report", "--batch", "NO-SUCH"]);
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    assert!(text(&none.stderr).contains(&batch), "it names those that there are: {none:?}");
}

#[test]
fn a_master_file_is_checked_before_anybody_signs() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("profile.toml"), PROFILE).unwrap();
    fs::write(dir.join("good.toml"), MASTER_FILE).unwrap();
    let check = |file: &str, more: &[&str]| {
        let arguments = ["check", "master-file", file, "--profile", "profile.toml"];
        cellwatch(dir, &[&arguments[..], more].concat())
    };
    let good = check("good.toml", &[]);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let explained = check("good.toml", &["--explain"]);
    let told = text(&explained.stdout);
    assert!(told.contains("TEMP.PV, °C, critical") && told.contains("Limits"), "{told}");
    let wrong = MASTER_FILE.replacen("priority = \"high\"", "priority = \"hihg\"", 1).replacen(
        "version = 1",
        "version = 0",
        1,
    );
    fs::write(dir.join("wrong.toml"), wrong).unwrap();
    let refused = check("wrong.toml", &["--json"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let problems = json(&refused)["problems"].as_array().unwrap().len();
    assert!(problems >= 2, "all at once: {refused:?}");
    assert_eq!(check("none.toml", &[]).status.code(), Some(2));
    println!("check master-file: 4 cases");
}

#[test]
fn an_agent_from_its_first_start_to_its_last() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    installation(dir);
    let log = || fs::read_to_string(dir.join("log")).unwrap();

    let check = cellwatch(dir, &["check"]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stdout));
    assert!(text(&check.stdout).contains("OK: site barcelona-1"));

    let mut daemon = Daemon::start(dir);
    assert_eq!(daemon.ready["ready"], true);
    assert_eq!(daemon.ready["seq"], 0);
    daemon.wait_for(dir, 10);
    let since = Instant::now();
    while json(&cellwatch(dir, &["report", "--json"])).as_array().is_none_or(Vec::is_empty) {
        assert!(since.elapsed() < Duration::from_secs(60), "no batch: {}", log());
    }
    assert!(log().contains("Master File MF-CART-001 version 1 is in force"), "{}", log());
    assert!(log().contains("refuses connections"), "{}", log());

    let second = cellwatch(dir, &["run"]);
    assert_eq!(second.status.code(), Some(2));
    let process = format!("process {}", daemon.child.id());
    assert!(text(&second.stderr).contains(&process), "{second:?}");

    let acknowledge = |alarm: &str| {
        let unit = ["--unit", "BX-01", "--comment", "seen"];
        cellwatch(dir, &[&["acknowledge", "--alarm", alarm], &unit[..]].concat())
    };
    let unknown = acknowledge("NO.SUCH");
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
    assert!(text(&unknown.stderr).contains("not done"), "{unknown:?}");

    assert_eq!(daemon.signal("-TERM"), Some(0), "{}", log());
    let first = verified(dir);
    let gone = acknowledge("TEMP.LL");
    assert_eq!(gone.status.code(), Some(2), "{gone:?}");

    // Goes on after what was written, in the same journal; the Master File still judges.
    fs::remove_file(dir.join("trust/master-file.cose")).unwrap();
    let mut daemon = Daemon::start(dir);
    assert_eq!(daemon.ready["journal"], first["journal"]);
    assert_eq!(daemon.ready["seq"], first["records"]);
    let after = first["records"].as_u64().unwrap() + 10;
    daemon.wait_for(dir, after);
    assert_eq!(log().matches("version 1 is in force").count(), 2, "{}", log());

    // Killed: what was durable is there, and the next start goes on without a hole.
    assert_eq!(daemon.signal("-KILL"), None);
    let killed = verified(dir);
    assert!(killed["records"].as_u64().unwrap() >= after);
    let mut daemon = Daemon::start(dir);
    assert_eq!(daemon.ready["seq"], killed["records"]);
    daemon.wait_for(dir, killed["records"].as_u64().unwrap() + 5);
    assert_eq!(daemon.signal("-INT"), Some(0), "{}", log());
    let last = verified(dir);
    assert_eq!(last["journal"], first["journal"]);
    judged_again(dir);
    told(dir);
    println!("agent: 3 starts, {} records", last["records"]);
}

#[test]
fn what_cannot_run_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let missing = cellwatch(dir, &["run", "--config", "none.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("none.toml"), "{missing:?}");

    installation(dir);
    let again = cellwatch(dir, &["keygen", "--out", "keys/agent-1.pk8"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("never overwritten"), "{again:?}");

    let key = dir.join("keys/agent-1.pk8");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let check = cellwatch(dir, &["check"]);
    assert_eq!(check.status.code(), Some(1));
    let said = text(&check.stdout);
    assert!(said.contains("chmod 600") && said.contains("agent.key"), "{said}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    // All problems at once.
    fs::remove_file(dir.join("trust/master-file.cose")).unwrap();
    fs::remove_file(dir.join("tls/agent-1.pem")).unwrap();
    let check = cellwatch(dir, &["check"]);
    assert_eq!(check.status.code(), Some(1));
    let said = text(&check.stdout);
    assert!(said.contains("trust.master_file") && said.contains("broker.certificate"), "{said}");

    let site = fs::read_to_string(dir.join("site.toml")).unwrap();
    fs::write(dir.join("site.toml"), site.replace("keep_alive_s = 30", "keep_alive_s = 1"))
        .unwrap();
    let check = cellwatch(dir, &["check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(text(&check.stdout).contains("site.toml:"), "{check:?}");
    assert_eq!(cellwatch(dir, &["verify"]).status.code(), Some(2));
    assert_eq!(cellwatch(dir, &["fly"]).status.code(), Some(2));
    println!("refusals: 7 cases");
}
