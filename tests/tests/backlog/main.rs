//! Weeks without a broker: everything arrives afterwards, in its order, with little memory, and an alarm overtakes it.
//!
//! `CELLWATCH_RECORDS` says how many records wait: fourteen days at one a second are 1.2 million.

mod filled;

use std::env;
use std::time::{Duration, Instant};

use cellwatch_tests::{
    AGENT, Broker, Cases, ControlSite, Counter, Device, MasterFile, Process, Rig, SITE, SiteFile,
    await_until, finish, sealed_records,
};
use rusqlite::types::Value as Sql;

/// Bundles of the backlog that may still come between an alarm's being judged and its leaving: those in flight, and what
/// leaves until the alarm is on disk. Behind the backlog it would come after all of them.
const BUNDLES_BEFORE_AN_ALARM_MAX: usize = 24;
/// Bundles that have come before the alarm is made: the backlog is being sent.
const BUNDLES_FIRST: usize = 5;
/// Most memory that the agent ever had resident, MiB: an unoptimised build with its operator page takes about half.
const RESIDENT_MIB_MAX: u64 = 160;
/// What the observer finds at once.
const READY: &str = "observer/ready";
/// Longest time without anything new at the Control Site.
const PATIENCE: Duration = Duration::from_secs(120);
const AT_ONCE: u64 = 8_192;

/// Arrivals at a subscriber that is not ours: topic and time, nanoseconds since 1970.
fn arrivals(observer: &Process) -> Vec<(String, i64)> {
    let arrival = |line: &String| {
        let (topic, time) = line.split_once(' ')?;
        let (s, ns) = time.split_once('.')?;
        Some((topic.to_owned(), s.parse::<i64>().ok()? * 1_000_000_000 + ns.parse::<i64>().ok()?))
    };
    observer.lines().iter().filter_map(arrival).collect()
}

fn count(observer: &Process, leaf: &str) -> usize {
    arrivals(observer).iter().filter(|(topic, _)| topic.ends_with(leaf)).count()
}

/// A subscriber that is not ours. It has its first message: it is subscribed.
fn observer(rig: &Rig, broker: &Broker) -> Process {
    let mut publish = broker.client("mosquitto_pub", &rig.keys, "control-site");
    publish.args(["-t", READY, "-r", "-m", "ready"]);
    let published = finish(publish);
    assert_eq!(published.status, Some(0), "{published}");
    let mut subscribe = broker.client("mosquitto_sub", &rig.keys, "control-site");
    subscribe.args(["-t", READY, "-t", &format!("cellwatch/1/{SITE}/{AGENT}/#"), "-F", "%t %U"]);
    let observer = Process::start("observer", rig.path(), subscribe);
    await_until("the observer", Duration::from_secs(60), || match count(&observer, READY) {
        0 => Err(observer.log()),
        _ => Ok(()),
    });
    observer
}

/// The most memory that a process ever had resident, MiB.
fn resident_most_mib(process: &Process) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", process.id())).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux says it");
    let kib: u64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("kB");
    kib / 1024
}

/// Waits while anything new comes.
fn await_all(control_site: &ControlSite, last: i64) {
    let mut before = -1;
    while before < last {
        before = await_until("more of the backlog", PATIENCE, || {
            let stored = control_site.number("SELECT count(*) FROM records");
            let through = control_site.through();
            if through >= last {
                Ok(last)
            } else if stored > before {
                Ok(stored)
            } else {
                Err(control_site.state())
            }
        });
    }
}

// Req: LAW-03, LAW-04, LAW-06, LAW-10, DEL-01
#[test]
fn backlog() {
    let mut cases = Cases::of("backlog");
    let waiting =
        env::var("CELLWATCH_RECORDS").map_or(50_000, |text| text.parse().expect("a number"));
    let rig = Rig::new();
    let mut broker = rig.broker();
    let counter = Counter::start();
    let profile = Counter::profile(100);
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &counter.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    broker.stop();
    let agent = rig.agent();
    await_until("a journal", Duration::from_secs(60), || match rig.last_seq() {
        last if last > 20 => Ok(()),
        last => Err(last),
    });
    agent.kill();
    let filling = Instant::now();
    let last = filled::fill(&rig, "BX-01", waiting);
    println!("  {waiting} records written in {} ms", filling.elapsed().as_millis());

    broker.start_again();
    let control_site = rig.control_site(&broker);
    let observer = observer(&rig, &broker);
    let agent = rig.agent();
    let draining = Instant::now();
    await_until("the backlog on its way", Duration::from_secs(60), || {
        match count(&observer, "/backfill") {
            bundles if bundles >= BUNDLES_FIRST => Ok(()),
            bundles => Err(format!("{bundles} bundles\n{}", agent.log())),
        }
    });
    counter.set_temperature(3_905);
    let alarm = control_site.await_rows(
        "the alarm",
        "SELECT at_ns, live FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    let [Sql::Integer(at), Sql::Integer(live)] = alarm[0].as_slice() else { panic!("{alarm:?}") };
    assert_eq!(*live, 1, "it came as a live one");
    await_all(&control_site, last.cast_signed());
    let took = draining.elapsed();

    let arrived = arrivals(&observer);
    let alarm =
        arrived.iter().position(|(topic, time)| topic.ends_with("BX-01/alarm") && time >= at);
    let alarm = alarm.expect("the alarm at the observer");
    let is_bundle = |one: &&(String, i64)| one.0.ends_with("/backfill");
    let between = arrived[..alarm].iter().filter(is_bundle).filter(|(_, time)| time >= at).count();
    let after = arrived[alarm..].iter().filter(is_bundle).count();
    assert!(after > 0, "the backlog was all out before the alarm was made: make it larger");
    assert!(
        between <= BUNDLES_BEFORE_AN_ALARM_MAX,
        "{between} bundles came after the alarm was made and before it, {after} after it"
    );
    cases.tried(format_args!(
        "an alarm overtook the backlog: {between} bundles came after it was made and before it, {after} after it"
    ));

    let mut first = 1;
    while first <= last {
        let through = last.min(first + AT_ONCE - 1);
        let here = sealed_records(&rig.journal(), first, through);
        assert_eq!(here.len() as u64, through - first + 1);
        let query = format!(
            "SELECT seq, sealed FROM records WHERE seq BETWEEN {first} AND {through} ORDER BY seq"
        );
        for ((seq, sealed), row) in here.iter().zip(control_site.rows(&query)) {
            let expected = [Sql::Integer(seq.cast_signed()), Sql::Blob(sealed.clone())];
            assert!(row == expected, "seq {seq} is at the Control Site as it is here");
        }
        first = through + 1;
    }
    let rows = control_site.rows("SELECT sum(verified), sum(refused), sum(duplicates), (SELECT count(*) FROM records) FROM journal_state");
    let [Sql::Integer(verified), Sql::Integer(refused), Sql::Integer(again), Sql::Integer(stored)] =
        rows[0].as_slice()
    else {
        panic!("{rows:?}")
    };
    assert_eq!((verified, *refused), (stored, 0), "{}", control_site.state());
    cases
        .tried_many(usize::try_from(last).expect("small"), "a record, the same bytes at both ends");

    // Rows stand in the order in which records were taken.
    let back = |which: &str| {
        control_site.number(&format!(
            "SELECT count(*) FROM (SELECT seq, lag(seq) OVER (PARTITION BY {which} ORDER BY rowid) AS before FROM records) WHERE before > seq"
        ))
    };
    assert_eq!(
        back("live, CASE live WHEN 1 THEN kind ELSE '' END"),
        0,
        "each topic is in its order"
    );
    cases.tried("each topic in its order");

    let mib = resident_most_mib(&agent);
    assert!(mib <= RESIDENT_MIB_MAX, "{mib} MiB resident");
    cases.tried(format_args!("the agent had {mib} MiB resident at most"));
    let per_s = last * 1_000 / u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    println!(
        "backlog of {last} records: stored in {} s ({per_s}/s), agent {mib} MiB at most, {again} came again, alarm after {between} bundles with {after} to come",
        took.as_secs()
    );
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
