//! The page's routes, over a real socket.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_model::{AlarmTransition, Cause, IsaState, Quality, Utc};
use cellwatch_record::{Body, Datum, EventKind};
use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Live;
use crate::testing::{
    AGENT, JOURNAL, NOW, Site, TestAgent, UNIT, alarm, common, event, frame, health, parameter,
};

/// A site with two units, one of which is too warm and has lost a probe, and a forged record.
fn site(now: Utc) -> Site {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let mut site = Site::new(&[&agent]);
    site.now = now;
    let at_now = |unit: Option<&str>| {
        let mut common = common(unit);
        common.utc = now;
        common
    };
    let mut messages = vec![(agent.topic("health"), agent.seal(at_now(None), health()))];
    let good = Quality::Good;
    for (unit, temperature, ph) in
        [(UNIT, 38.5, (None, Quality::Bad(Cause::Timeout))), ("BX-02", 37.0, (Some(7.2), good))]
    {
        let names = vec![
            parameter(0, "temperature", "°C", 1),
            parameter(1, "pH", "pH", 2),
            parameter(2, "dissolved oxygen", "% air", 1),
            parameter(3, "agitation", "rpm", 0),
        ];
        let details = BTreeMap::from([("parameters".to_owned(), Datum::List(names))]);
        let configuration = event(EventKind::Configuration, details);
        messages.push((agent.topic("event"), agent.seal(at_now(Some(unit)), configuration)));
        let uncertain = Quality::Uncertain(Cause::Stale);
        let readings = [
            (0, Some(temperature), good),
            (1, ph.0, ph.1),
            (2, Some(47.0), good),
            (3, Some(12.0), if unit == UNIT { uncertain } else { good }),
        ];
        let sealed = agent.seal(at_now(Some(unit)), frame(&readings));
        messages.push((agent.topic(&format!("{unit}/telemetry")), sealed));
    }
    let raised = alarm("TEMP.HH", AlarmTransition::Raised, IsaState::Unacknowledged);
    let sealed = agent.seal(at_now(Some(UNIT)), Body::Alarm(raised));
    messages.push((agent.topic("BX-01/alarm"), sealed));
    messages.push((agent.topic("health"), b"forged".to_vec()));
    site.write(&messages);
    site
}

/// A served page.
struct Served {
    address: std::net::SocketAddr,
    live: Arc<Live>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
    _site: Site,
}

impl Served {
    async fn start() -> Self {
        let site = tokio::task::spawn_blocking(|| site(NOW)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let live = Arc::new(Live::new(NOW));
        live.broker(true, "", NOW);
        let (stop, stopped) = watch::channel(false);
        let (database, shared) = (site.database(), Arc::clone(&live));
        let task = tokio::spawn(async move {
            super::serve(listener, database, shared, || NOW, stopped).await.unwrap();
        });
        Self { address, live, stop, task, _site: site }
    }

    /// Head and body of a GET.
    async fn get(&self, path: &str) -> (String, String) {
        let mut stream = self.ask(path).await;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    async fn ask(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn json(&self, path: &str) -> Json {
        let (head, body) = self.get(path).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        assert!(head.contains("application/json"), "{path}: {head}");
        serde_json::from_str(&body).unwrap()
    }
}

#[tokio::test]
async fn every_route_answers() {
    let served = Served::start().await;
    let assets = [
        "/",
        "/page.css",
        "/page.js",
        "/view.js",
        "/tile.js",
        "/draw.js",
        "/words.js",
        "/icon.svg",
    ];
    for path in assets {
        let (head, body) = served.get(path).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{path}: {head}");
        assert!(head.contains("nosniff"), "{path}: {head}");
        let outside = body.replace("http://www.w3.org/2000/svg", "");
        assert!(
            !outside.contains("http://") && !outside.contains("https://"),
            "{path} asks outside"
        );
        assert!(!body.contains("<script>") && !body.contains("style="), "{path}: inline");
    }
    let (head, _) = served.get("/nothing").await;
    assert!(head.starts_with("HTTP/1.1 404"));

    let summary = served.json("/api/summary").await;
    let expect = [
        ("verified", 6),
        ("gaps", 0),
        ("duplicates", 0),
        ("refusals", 1),
        ("units", 2),
        ("sites", 1),
        ("agents", 1),
        ("alarms_standing", 1),
        ("alarms_raised", 1),
    ];
    for (name, number) in expect {
        assert_eq!(summary[name], number, "{name} in {summary}");
    }
    assert_eq!(summary["alarm_latency_ms_p50"], 500.0);
    assert_eq!(served.json("/api/sites").await[0]["agents"][0]["oversight"], "watched");
    assert_eq!(served.json("/api/units").await[0]["worst_priority"], 1);
    let values = served.json("/api/values").await;
    assert_eq!(values.as_array().unwrap().len(), 8);
    assert_eq!(
        (&values[0]["parameter"], &values[0]["value"]),
        (&"temperature".into(), &38.5.into())
    );
    assert_eq!(values[0]["at_utc"], "2026-09-21T14:13:19.000Z");
    assert_eq!(values[1]["quality_words"], "bad: no answer");
    let of_one = served.json("/api/values?unit=BX-02&agent=cw-01").await;
    assert_eq!(of_one, Json::Array(values.as_array().unwrap()[4..].to_vec()));
    assert_eq!(served.json("/api/values?unit=BX-99").await, serde_json::json!([]));
    assert_eq!(served.json("/api/values?unit=BX-02&agent=cw-99").await, serde_json::json!([]));
    assert_eq!(served.json("/api/alarms").await[0]["state"], "UNACK");
    let proof = served.json("/api/proof").await;
    assert_eq!(proof["journals"][0]["through"], 6);
    assert_eq!(proof["last_refusals"][0]["reason"], "not-a-seal");
    assert_eq!(served.json("/api/unsigned").await, serde_json::json!([]));
    println!("{} cases", assets.len() + expect.len() + 11);
}

#[tokio::test]
async fn the_stream_tells_the_present_and_each_change() {
    let served = Served::start().await;
    let mut lines = BufReader::new(served.ask("/events").await).lines();
    let mut head = String::new();
    let mut seen = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("text/event-stream") {
            head = line;
        } else if let Some(data) = line.strip_prefix("data: ") {
            let data: Json = serde_json::from_str(data).unwrap();
            let rows = data["tiles"][0]["rows"].as_array().unwrap();
            assert_eq!(rows.len(), 4, "all four in full: {rows:?}");
            assert_eq!(rows[0]["trend"]["points"], serde_json::json!([[0, 38.5]]));
            seen.push(data["summary"]["broker_connected"].clone());
            if seen.len() == 1 {
                served.live.broker(false, "the cable is out", NOW);
            } else if seen.last() == Some(&Json::Bool(false)) {
                assert_eq!(data["summary"]["broker_words"], "the cable is out");
                break;
            }
        }
    }
    assert!(!head.is_empty());
    assert_eq!(seen.first(), Some(&Json::Bool(true)));
    assert_eq!(seen.last(), Some(&Json::Bool(false)));
    served.stop.send(true).unwrap();
    served.task.await.unwrap();
}
