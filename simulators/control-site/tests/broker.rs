//! The whole program against a foreign broker (Mosquitto, TLS 1.3, client certificates): records in,
//! receipts out, the hole named and filled, the broker lost and found again, a clean end.
#![allow(clippy::unwrap_used, missing_docs)] // a test

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cellwatch_control_site::tools::authority::{self, Plan};
use cellwatch_model::{Clock, ClockSync, Mono, Utc};
use cellwatch_record::{
    Body, Chain, Common, Hash, Head, Health, Identity, JournalId, Missing, RECEIPT_CONTENT_TYPE,
    RECORD_CONTENT_TYPE, Receipt, bundle,
};
use cellwatch_seal::{
    MASTER_FILE_CONTENT_TYPE, Roster, Sealer, SealingKey, document, key_file, seal,
};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const SITE: &str = "barcelona-1";
const AGENT: &str = "cw-01";
const JOURNAL: JournalId = JournalId([7; 16]);
/// Only so that a failure ends; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of this test, ended with it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn mosquitto(folder: &Path, port: u16) -> Process {
    let text = format!(
        "listener {port} 127.0.0.1\ncafile {0}/authority/ca.pem\ncertfile {0}/broker/cert.pem\n\
         keyfile {0}/broker/key.pem\ntls_version tlsv1.3\nrequire_certificate true\n\
         use_identity_as_username true\nallow_anonymous false\nmax_inflight_messages 20\nuser root\n",
        folder.display()
    );
    let configuration = folder.join("mosquitto.conf");
    std::fs::write(&configuration, text).unwrap();
    let search = format!("{}:/usr/sbin:/usr/local/sbin", std::env::var("PATH").unwrap());
    let mut child = Command::new("mosquitto")
        .env("PATH", search)
        .args(["-v", "-c"])
        .arg(&configuration)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("mosquitto can be started; tests/run installs it");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let running = lines.any(|line| line.unwrap().contains("running"));
    assert!(running, "mosquitto runs");
    // Its further words are read, so that it never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    Process(child)
}

fn control_site(folder: &Path, port: u16) -> (Process, String) {
    let at = |name: &str| folder.join(name);
    let mut child = Command::new(env!("CARGO_BIN_EXE_control-site"))
        .arg("run")
        .arg("--database")
        .arg(at("database/control-site.db"))
        .args(["--broker", &format!("localhost:{port}"), "--http", "127.0.0.1:0"])
        .arg("--authority")
        .arg(at("authority/ca.pem"))
        .arg("--certificate")
        .arg(at("control-site/client.pem"))
        .arg("--private-key")
        .arg(at("control-site/client.key"))
        .arg("--roster")
        .arg(at("roster.cose"))
        .arg("--root")
        .arg(at("root.pub"))
        .arg("--receipt-key")
        .arg(at("control-site/receipt.pk8"))
        .arg("--publish-master-file")
        .arg(at("master.cose"))
        .args(["--clock", "simulated", "--receipt-interval-ms", "50"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    (Process(child), ready["http"].as_str().unwrap().to_owned())
}

fn transport(folder: &Path) -> Transport {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&read("authority/ca.pem")).unwrap()).unwrap();
    let own = format!("agents/{AGENT}/client");
    let chain = vec![CertificateDer::from_pem_slice(&read(&format!("{own}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&read(&format!("{own}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .unwrap();
    Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config)))
}

/// The agent's side of the wire.
struct Agent {
    client: AsyncClient,
    events: EventLoop,
    receipt_keys: Roster,
}

impl Agent {
    async fn connect(folder: &Path, port: u16, roster: Roster) -> Self {
        let mut options = MqttOptions::new(AGENT, "localhost", port);
        options.set_transport(transport(folder)).set_clean_start(true);
        let (client, events) = AsyncClient::new(options, 64);
        let down = format!("cellwatch/1/{SITE}/{AGENT}/down/#");
        client.subscribe(down, QoS::AtLeastOnce).await.unwrap();
        Self { client, events, receipt_keys: roster }
    }

    async fn publish(&self, rest: &str, payload: Vec<u8>) {
        let topic = format!("cellwatch/1/{SITE}/{AGENT}/{rest}");
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
    }

    /// The next message on a `down` topic: the level after `down`, and its payload.
    async fn hear(&mut self) -> (String, Vec<u8>) {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.poll()).await.unwrap().unwrap();
            if let Event::Incoming(Packet::Publish(publish)) = event {
                let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                let level = topic.split('/').skip_while(|level| *level != "down").nth(1);
                let level = level.unwrap().to_owned();
                return (level, publish.payload.to_vec());
            }
        }
    }

    /// Reads receipts, each verified, until one says what is expected.
    async fn receipt(&mut self, expected: impl Fn(&Receipt) -> bool) -> Receipt {
        loop {
            let (level, payload) = self.hear().await;
            if level != "receipt" {
                continue;
            }
            let sealed = cellwatch_seal::open(&payload).unwrap();
            let key = self.receipt_keys.receipt_key(&sealed.key_id()).unwrap();
            let verified = sealed.verify(RECEIPT_CONTENT_TYPE, key).unwrap();
            let receipt = Receipt::decode(verified.get()).unwrap();
            if expected(&receipt) {
                return receipt;
            }
        }
    }
}

fn sealed_healths(key: &SealingKey, count: usize) -> (Vec<Vec<u8>>, Hash) {
    let head = Head { journal: JOURNAL, seq: 0, hash: Hash::NONE };
    let mut chain = Chain::new(AGENT.to_owned(), head);
    let common = Common {
        identity: Identity { agent: String::new(), journal: JOURNAL, seq: 0 },
        prev: Hash::NONE,
        boot: 1,
        utc: Utc(1_790_000_000_000_000_000),
        mono: Mono(1_000_000),
        clock: Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 },
        master_file: 0,
        unit: None,
        batch: None,
        phase: None,
    };
    let body = || Body::Health(Health { figures: BTreeMap::new() });
    let sealed = (0..count)
        .map(|_| seal(key, RECORD_CONTENT_TYPE, &chain.append(common.clone(), body()).1))
        .collect();
    (sealed, chain.head().hash)
}

fn prepare(folder: &Path) -> Roster {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Utc(i64::try_from(now.as_nanos()).unwrap());
    let (site, host) = (SITE.to_owned(), "localhost".to_owned());
    let plan = Plan { site, agents: vec![AGENT.to_owned()], host, days: 2, now };
    let roster = authority::make(folder, &plan).unwrap();
    let person = |name: &str| key_file::read(&folder.join("people").join(name)).unwrap();
    let (qa, qp) = (person("qa.pk8"), person("qp.pk8"));
    let approvers: [&dyn Sealer; 2] = [&qa, &qp];
    let signed = document::sign_new(MASTER_FILE_CONTENT_TYPE, b"id = \"MF-1\"\n", &approvers);
    std::fs::write(folder.join("master.cose"), signed).unwrap();
    roster
}

fn get(address: &str, path: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn records_in_receipts_out_and_a_clean_end() {
    let home = tempfile::tempdir().unwrap();
    let folder: PathBuf = home.path().join("authority-of-the-test");
    let roster = prepare(&folder);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let broker = mosquitto(&folder, port);
    let (mut control_site, http) = control_site(&folder, port);
    let mut agent = Agent::connect(&folder, port, roster.clone()).await;
    for (level, file) in [("roster", "roster.cose"), ("master-file", "master.cose")] {
        let heard = agent.hear().await;
        assert_eq!(heard, (level.to_owned(), std::fs::read(folder.join(file)).unwrap()));
    }

    let key = key_file::read(&folder.join("agents").join(AGENT).join("seal.pk8")).unwrap();
    let (sealed, hash) = sealed_healths(&key, 200);
    for (index, one) in sealed.iter().enumerate().filter(|(index, _)| !(100..110).contains(index)) {
        agent.publish("health", one.clone()).await;
        if index == 50 {
            agent.publish("health", b"forged".to_vec()).await;
        }
        // The client's queue is short: what the broker says is heard meanwhile.
        if index % 20 == 0 {
            agent.receipt(|receipt| receipt.highest > 0).await;
        }
    }
    let receipt = agent.receipt(|receipt| receipt.highest == 200).await;
    assert_eq!((receipt.through, receipt.missing), (100, vec![Missing { first: 101, last: 110 }]));
    agent.publish("backfill", bundle::encode(&sealed[100..110])).await;
    let receipt = agent.receipt(|receipt| receipt.missing.is_empty()).await;
    assert_eq!((receipt.through, receipt.hash), (200, hash));

    // The broker forgets everything; the Control Site finds it again and says what it has.
    drop(broker);
    let _broker = mosquitto(&folder, port);
    let mut agent = Agent::connect(&folder, port, roster).await;
    let receipt = agent.receipt(|_| true).await;
    assert_eq!((receipt.through, receipt.hash), (200, hash));

    let pid = control_site.0.id().to_string();
    // The page follows the database within a second.
    let summary = loop {
        let summary = get(&http, "/api/summary");
        if summary["verified"] == 200 {
            break summary;
        }
    };
    let figures =
        ["verified", "gaps", "duplicates", "refusals", "agents"].map(|name| &summary[name]);
    assert_eq!(figures, [200, 0, 0, 1, 1], "{summary}");
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(control_site.0.wait().unwrap().code(), Some(0));
    println!("{} cases", sealed.len() + 1);
}

#[test]
fn what_cannot_run_says_why_and_ends_with_2() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("authority-of-the-test");
    prepare(&folder);
    let at = |name: &str| folder.join(name).display().to_string();
    let good = [
        ("--database", at("db")),
        ("--broker", "localhost:1".to_owned()),
        ("--authority", at("authority/ca.pem")),
        ("--certificate", at("control-site/client.pem")),
        ("--private-key", at("control-site/client.key")),
        ("--roster", at("roster.cose")),
        ("--root", at("root.pub")),
        ("--receipt-key", at("control-site/receipt.pk8")),
        ("--http", "127.0.0.1:0".to_owned()),
    ];
    let cases = [
        ("--broker", "nowhere".to_owned(), "host:port"),
        ("--authority", at("roster.toml"), "holds no certificate"),
        ("--certificate", at("broker/cert.pem"), "does not fit the private key"),
        ("--roster", at("master.cose"), "--roster"),
        ("--root", at("agents/cw-01/seal.pub"), "trusted root"),
        ("--receipt-key", at("agents/cw-01/seal.pk8"), "the roster lists no receipt key"),
        ("--database", at("root.pub"), "cannot be opened"),
        ("--http", "192.0.2.1:1".to_owned(), "cannot be listened on"),
    ];
    for (option, value, words) in &cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_control-site"));
        command.arg("run");
        for (name, right) in &good {
            command.arg(name).arg(if name == option { value } else { right });
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {said}");
        assert!(said.contains(words), "{option}: {said}");
    }
    println!("{} cases", cases.len());
}
