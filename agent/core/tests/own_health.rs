//! The agent's own health as alarms, through the same engine.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_core::door::{DiskState, Input, KeyFileState};
use cellwatch_model::{Clock, ClockSync, Utc};
use cellwatch_record::{Body, Datum, EventKind};
use harness::{Site, master_file, offer};

const DAY_NS: i64 = 86_400_000_000_000;

/// What the agent's alarms say after an input and a while.
fn after(what: impl Fn(&mut Site)) -> Vec<String> {
    let mut site = Site::judging(1);
    site.run(60_000);
    assert_eq!(site.agent_said(), Vec::<String>::new(), "all is calm");
    what(&mut site);
    site.run(10);
    site.assert_replays();
    site.agent_said()
}

fn disk(free_mib: u64, full_in_h: Option<u64>) -> Input {
    let full_in_s = full_in_h.map(|hours| hours * 3600);
    Input::Disk(DiskState { free_bytes: free_mib << 20, full_in_s })
}

fn certificate(days: i64) -> Input {
    let expires = Utc(harness::EPOCH_NS + days * DAY_NS);
    Input::Certificate { expires, name: "client.pem".to_owned() }
}

fn key_file(is_exposed: bool) -> Input {
    Input::KeyFile(KeyFileState { is_exposed, note: "mode 0644".to_owned() })
}

#[test]
fn each_has_its_condition_its_delay_and_its_return() {
    type Case = (&'static str, fn(&mut Site), &'static [&'static str]);
    let cases: [Case; 16] = [
        ("the disk has room", |site| site.input(disk(50_000, Some(1_000))), &[]),
        ("the disk fills", |site| site.input(disk(1_000, None)), &["AGENT.DISK raised"]),
        ("the disk will fill", |site| site.input(disk(50_000, Some(100))), &["AGENT.DISK raised"]),
        (
            "a little more room is not enough",
            |site| {
                site.input(disk(1_000, None));
                site.input(disk(1_100, None));
            },
            &["AGENT.DISK raised"],
        ),
        (
            "the disk has room again",
            |site| {
                site.input(disk(1_000, None));
                site.input(disk(1_400, None));
            },
            &["AGENT.DISK raised", "AGENT.DISK returned"],
        ),
        ("a certificate for long", |site| site.input(certificate(15)), &[]),
        ("one that ends", |site| site.input(certificate(13)), &["AGENT.CERTIFICATE raised"]),
        ("one that has ended", |site| site.input(certificate(-1)), &["AGENT.CERTIFICATE raised"]),
        (
            "a new one",
            |site| {
                site.input(certificate(13));
                site.input(certificate(365));
            },
            &["AGENT.CERTIFICATE raised", "AGENT.CERTIFICATE returned"],
        ),
        ("a key that others read", |site| site.input(key_file(true)), &["AGENT.KEY-FILE raised"]),
        ("a key of its own", |site| site.input(key_file(false)), &[]),
        (
            "a short outage",
            |site| {
                site.disconnect();
                site.run(59_000);
                site.connect();
                site.run(60_000);
            },
            &[],
        ),
        (
            "an outage",
            |site| {
                site.disconnect();
                site.run(61_000);
                site.connect();
                site.run(1_000);
            },
            &["AGENT.BROKER raised", "AGENT.BROKER returned"],
        ),
        (
            "no receipts",
            |site| {
                site.control_site.mute = true;
                site.run(640_000);
                site.control_site.mute = false;
                site.run(60_000);
            },
            &["AGENT.RECEIPT raised", "AGENT.RECEIPT returned"],
        ),
        (
            "a disk that does not keep up",
            |site| {
                site.commit_ms = 100_000;
                site.run(95_000);
                site.commit_ms = 3;
                site.run(150_000);
            },
            &["AGENT.JOURNAL raised", "AGENT.JOURNAL returned"],
        ),
        (
            "a Master File that ends soon, then has ended",
            |site| {
                let mut file = master_file(2);
                file.expires = Utc(harness::EPOCH_NS + 200_000_000_000);
                site.input(Input::MasterFile(offer(file)));
                site.run(60_000);
                site.run(100_000);
                let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
                site.input(Input::Clock(clock));
                site.run(60_000);
            },
            &[
                "AGENT.MASTER-FILE-EXPIRES-SOON raised",
                "AGENT.MASTER-FILE-EXPIRED raised",
                "AGENT.MASTER-FILE-EXPIRES-SOON returned",
            ],
        ),
    ];
    let count = cases.len();
    for (name, what, expected) in cases {
        let mut said = after(what);
        let mut expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        if name.contains("Master File") {
            said.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!(said, expected, "{name}");
    }
    println!("own health: {count} cases");
}

/// Req: LAW-12
#[test]
fn a_clock_step_calls_once_and_stands_until_somebody_has_seen_it() {
    let said = after(|site| {
        let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
        site.input(Input::Clock(clock));
        let mut now = site.now();
        now.utc = Utc(now.utc.0 + 3_000_000_000);
        site.agent.handle(Input::Clock(clock), now);
        site.run(100);
    });
    assert_eq!(said[..2], ["AGENT.CLOCK-STEP raised", "AGENT.CLOCK-STEP returned"]);
}

/// Req: LAW-08
#[test]
fn what_the_agents_alarms_judge_is_on_record() {
    let mut site = Site::judging(1);
    site.input(disk(1_000, Some(5)));
    site.input(disk(999, Some(5)));
    site.run(10);
    let conditions: Vec<_> = site
        .records()
        .into_iter()
        .filter_map(|record| match record.body {
            Body::Event(event) if event.kind == EventKind::Condition => Some(event.text),
            _ => None,
        })
        .collect();
    let disk: Vec<_> = conditions.iter().filter(|text| text.contains("DISK")).collect();
    assert_eq!(disk, ["AGENT.DISK holds"], "each change, and no more: {conditions:?}");
}

#[test]
fn what_stood_before_a_restart_returns_after_it() {
    let mut site = Site::judging(1);
    site.input(disk(1_000, None));
    site.disconnect();
    site.run(70_000);
    site.restart(false, master_file(1));
    site.connect();
    site.input(disk(50_000, None));
    site.run(60_000);
    let said = site.agent_said();
    let expected = [
        "AGENT.DISK raised",
        "AGENT.BROKER raised",
        "AGENT.BROKER returned",
        "AGENT.DISK returned",
    ];
    assert_eq!(said, expected);
    site.assert_replays();
}

/// Req: SITE-05
#[test]
fn that_a_condition_is_about_something_else_now_is_on_record() {
    let mut site = Site::judging(1);
    site.input(certificate(13));
    let expires = Utc(harness::EPOCH_NS + 12 * DAY_NS);
    let page = || Input::Certificate { expires, name: "page.pem".to_owned() };
    site.input(page());
    site.input(page());
    site.run(61_000);
    site.assert_replays();
    let notes: Vec<String> = site
        .records()
        .iter()
        .filter_map(|record| match &record.body {
            Body::Event(event) if event.kind == EventKind::Condition => {
                match (event.details.get("alarm"), event.details.get("note")) {
                    (Some(Datum::Text(id)), Some(Datum::Text(note)))
                        if id == "AGENT.CERTIFICATE" =>
                    {
                        Some(note.split(':').next().unwrap_or_default().to_owned())
                    }
                    _ => None,
                }
            }
            _ => None,
        })
        .collect();
    assert_eq!(notes, ["client.pem", "page.pem"]);
    assert_eq!(site.agent_said(), ["AGENT.CERTIFICATE raised"], "people were called once");
    println!("subjects of a condition: 2 cases");
}

/// Req: OBS-01
#[test]
fn metrics_say_what_the_health_record_says() {
    let mut site = Site::judging(2);
    site.run(66_000);
    let records = site.records();
    let health = records.iter().rev().find_map(|record| match &record.body {
        Body::Health(health) => Some(&health.figures),
        _ => None,
    });
    let figures = health.expect("a health record");
    let figure = |name: &str| match figures.get(name) {
        Some(Datum::Integer(number)) => *number,
        other => panic!("{name}: {other:?}"),
    };
    let metric = |name: &str| {
        let line = site.metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {}", site.metrics)).to_owned()
    };
    let mut cases = 0;
    for (name, of) in [
        ("devices", "cellwatch_devices"),
        ("devices_answering", "cellwatch_devices_answering"),
        ("durable_through", "cellwatch_durable_through"),
        ("bx-0.polls", "cellwatch_device_polls_total{device=\"bx-0\"}"),
        ("bx-1.replies", "cellwatch_device_replies_total{device=\"bx-1\"}"),
        ("bx-1.skipped", "cellwatch_device_skipped_total{device=\"bx-1\"}"),
    ] {
        assert_eq!(metric(of), figure(name).to_string(), "{name}");
        cases += 1;
    }
    let jitter_s: f64 = metric("cellwatch_device_jitter_seconds{device=\"bx-0\",quantile=\"1\"}")
        .parse()
        .expect("seconds");
    let us = figure("bx-0.jitter_max_us");
    assert!((jitter_s * 1e6 - f64::from(i32::try_from(us).expect("short"))).abs() < 0.5);
    println!("metrics beside health: {} cases", cases + 1);
}
