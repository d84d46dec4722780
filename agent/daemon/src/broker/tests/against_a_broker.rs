//! Against Mosquitto, where it is installed (`tests/run` installs it).

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::pki::{Authority, authority, issue};
use super::settings;
use crate::broker::{Event, Handle, Publisher, Settings, start};

const PATIENCE: Duration = Duration::from_secs(60);

struct Mosquitto(Child);

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Mosquitto with the certificates `broker.pem` and `ca.pem` in `dir`; none where it is not installed.
fn mosquitto(dir: &Path) -> Option<(Mosquitto, u16)> {
    let program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]
        .into_iter()
        .find(|path| Path::new(path).exists())?;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dir_name = dir.display();
    let config = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\nrequire_certificate true\ntls_version tlsv1.3\nuser root\n\
         cafile {dir_name}/broker-trusts.pem\ncertfile {dir_name}/broker.pem\nkeyfile {dir_name}/broker.key\nmax_inflight_messages 20\n"
    );
    fs::write(dir.join("mosquitto.conf"), config).unwrap();
    let child = Command::new(program)
        .arg("-c")
        .arg(dir.join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some((Mosquitto(child), port))
}

struct Bench {
    dir: tempfile::TempDir,
    ca: Authority,
    _mosquitto: Mosquitto,
    port: u16,
}

impl Bench {
    /// All as it should be, but for what `spoil` does.
    fn new(spoil: fn(&Path, &Authority)) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let ca = authority("Authority");
        for name in ["ca.pem", "broker-trusts.pem"] {
            fs::write(dir.path().join(name), ca.pem()).unwrap();
        }
        issue(dir.path(), "agent", "agent-1", &ca, 2090);
        issue(dir.path(), "broker", "localhost", &ca, 2090);
        spoil(dir.path(), &ca);
        let Some((mosquitto, port)) = mosquitto(dir.path()) else {
            println!("mosquitto is not installed: nothing was tested against a broker");
            return None;
        };
        Some(Self { dir, ca, _mosquitto: mosquitto, port })
    }

    fn settings(&self) -> Settings {
        settings(self.dir.path(), self.port)
    }

    fn start(&self) -> (Handle, mpsc::Receiver<Event>) {
        let (events, received) = mpsc::channel(64);
        (start(self.settings(), events), received)
    }
}

async fn next(events: &mut mpsc::Receiver<Event>) -> Event {
    timeout(PATIENCE, events.recv()).await.expect("an event").unwrap()
}

/// Until it is up; the broker may still be starting.
async fn up(events: &mut mpsc::Receiver<Event>) -> (Publisher, u16) {
    loop {
        match next(events).await {
            Event::Up { publisher, receive_maximum, .. } => return (publisher, receive_maximum),
            Event::Down(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn publishes_are_sent_and_acknowledged_and_messages_come_down() {
    let Some(bench) = Bench::new(|_, _| {}) else { return };
    let (_handle, mut events) = bench.start();
    let (publisher, receive_maximum) = up(&mut events).await;
    assert_eq!(receive_maximum, 20);
    assert!(publisher.publish(
        "cellwatch/1/madrid/agent-1/down/receipt",
        false,
        b"sealed".to_vec()
    ));
    let (mut sent, mut acknowledged, mut came) = (None, None, None);
    while sent.is_none() || acknowledged.is_none() || came.is_none() {
        match next(&mut events).await {
            Event::Sent(packet_id) => sent = Some(packet_id),
            Event::Acknowledged { packet_id, reason: 0 } => {
                assert_eq!(Some(packet_id), sent);
                acknowledged = Some(packet_id);
            }
            Event::FromAbove { what, payload } => came = Some((what, payload)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(came, Some(("receipt".to_owned(), b"sealed".to_vec())));
    println!("publishing: 5 cases");
}

/// The presence that the broker keeps, once the agent's has become what `leave` makes it.
async fn presence_after(leave: fn(Handle) -> tokio::task::JoinHandle<()>) -> Option<String> {
    let bench = Bench::new(|_, _| {})?;
    // The presence of the one comes down to the other.
    let watched = Settings { topics: "site/down/".to_owned(), ..bench.settings() };
    let watching = Settings {
        topics: "site/".to_owned(),
        client_id: "watching".to_owned(),
        ..bench.settings()
    };
    let (events, mut received) = mpsc::channel(64);
    let handle = start(watched, events);
    let (publisher, _) = up(&mut received).await;
    assert!(publisher.publish("site/down/presence", true, b"online".to_vec()));
    while !matches!(next(&mut received).await, Event::Acknowledged { .. }) {}
    drop(received);
    let left = leave(handle);
    let (events, mut received) = mpsc::channel(64);
    let _watching = start(watching, events);
    up(&mut received).await;
    let offline = loop {
        if let Event::FromAbove { what, payload } = next(&mut received).await {
            assert_eq!(what, "presence");
            let said = String::from_utf8(payload).unwrap();
            if said != "online" {
                break said;
            }
        }
    };
    left.await.unwrap();
    Some(offline)
}

#[tokio::test]
async fn who_ends_is_offline_and_so_is_who_is_lost() {
    let Some(ended) =
        presence_after(|handle| tokio::spawn(async move { handle.finish().await })).await
    else {
        return;
    };
    assert!(ended.contains("\"online\":false") && ended.contains("was stopped"), "{ended}");
    let lost = presence_after(|handle| {
        handle.give_up();
        tokio::spawn(async move { drop(handle) })
    })
    .await
    .unwrap();
    assert!(lost.contains("\"online\":false") && lost.contains("was lost"), "{lost}");
    println!("presence: 2 cases");
}

#[tokio::test]
async fn refusals_are_explained_and_a_mended_file_is_used_without_a_restart() {
    /// What is wrong, how it is made so, how the agent's side is mended, words of the explanation.
    type Case = (&'static str, fn(&Path, &Authority), fn(&Bench), &'static [&'static str]);
    let cases: &[Case] = &[
        (
            "wrong authority",
            |dir, _| fs::write(dir.join("ca.pem"), authority("Other").pem()).unwrap(),
            |bench| fs::write(bench.dir.path().join("ca.pem"), bench.ca.pem()).unwrap(),
            &["not signed by the authority", "ca.pem"],
        ),
        (
            "our certificate expired",
            |dir, ca| issue(dir, "agent", "agent-1", ca, 2021),
            |bench| issue(bench.dir.path(), "agent", "agent-1", &bench.ca, 2090),
            &["our certificate", "expired", "agent.pem"],
        ),
        (
            "our certificate of another authority",
            |dir, _| issue(dir, "agent", "agent-1", &authority("Other"), 2090),
            |bench| issue(bench.dir.path(), "agent", "agent-1", &bench.ca, 2090),
            &["our certificate", "agent.pem"],
        ),
    ];
    let mut count = 0;
    for (what, spoil, mend, words) in cases {
        let Some(bench) = Bench::new(*spoil) else { return };
        let (_handle, mut events) = bench.start();
        let text = loop {
            match next(&mut events).await {
                Event::Down(text) if text.contains("refuses connections") => {}
                Event::Down(text) => break text,
                other => panic!("{what}: {other:?}"),
            }
        };
        assert!(words.iter().all(|word| text.contains(word)), "{what}: {text}");
        mend(&bench);
        up(&mut events).await;
        count += 2;
    }
    println!("refusals and mends: {count} cases");
}

#[tokio::test]
async fn a_broker_that_cannot_be_believed_is_refused() {
    type Case = (&'static str, fn(&Path, &Authority), &'static [&'static str]);
    let cases: &[Case] = &[
        (
            "expired",
            |dir, ca| issue(dir, "broker", "localhost", ca, 2021),
            &["certificate of broker localhost", "has expired"],
        ),
        (
            "another name",
            |dir, ca| issue(dir, "broker", "broker.example", ca, 2090),
            &["another name than \"localhost\"", "broker.host"],
        ),
    ];
    for (what, spoil, words) in cases {
        let Some(bench) = Bench::new(*spoil) else { return };
        let (_handle, mut events) = bench.start();
        let text = loop {
            match next(&mut events).await {
                Event::Down(text) if text.contains("refuses connections") => {}
                Event::Down(text) => break text,
                other => panic!("{what}: {other:?}"),
            }
        };
        assert!(words.iter().all(|word| text.contains(word)), "{what}: {text}");
    }
    println!("unbelievable brokers: {} cases", cases.len());
}
