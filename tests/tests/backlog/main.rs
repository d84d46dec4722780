//! Weeks without a broker: everything arrives afterwards, in its order, with little memory, and an alarm overtakes it.
//!
//! `CELLWATCH_RECORDS` says how many records wait: fourteen days at one a second are 1.2 million.

mod filled;

use std::env;
use std::time::{Duration, Instant};

use cellwatch_tests::{
    AGENT, BrokerBetween, Cases, ControlSite, Counter, Device, MasterFile, Process, Rig, SiteFile,
    await_until, sealed_records,
};
use rusqlite::types::Value as Sql;

/// Bundles that may be in flight (`BUNDLES_MAX` of the outbox).
const BUNDLES_IN_FLIGHT: u64 = 4;
/// Bundles that have come before the alarm is made: the backlog is being sent.
const BUNDLES_FIRST: u64 = 5;
/// Most memory that the agent ever had resident, MiB: an unoptimised build with its operator page takes about half.
const RESIDENT_MIB_MAX: u64 = 160;
/// Longest time for what comes at once.
const SOON: Duration = Duration::from_secs(60);
/// Longest time without anything new at the Control Site.
const PATIENCE: Duration = Duration::from_secs(120);
const AT_ONCE: u64 = 8_192;

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
    let mut between =
        BrokerBetween::start(rig.path(), &rig.keys, &broker, &format!("agents/{AGENT}"));
    let counter = Counter::start();
    let profile = Counter::profile(100);
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: between.port,
        devices: vec![Device::numbered(1, &counter.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    broker.stop();
    let agent = rig.agent();
    await_until("a journal", SOON, || match rig.last_seq() {
        last if last > 20 => Ok(()),
        last => Err(last),
    });
    agent.kill();
    let filling = Instant::now();
    let last = filled::fill(&rig, "BX-01", waiting);
    println!("  {waiting} records written in {} ms", filling.elapsed().as_millis());

    broker.start_again();
    let control_site = rig.control_site(&broker);
    let agent = rig.agent();
    let draining = Instant::now();
    await_until("the backlog on its way", SOON, || match between.seen().bundles {
        bundles if bundles >= BUNDLES_FIRST => Ok(()),
        bundles => Err(format!("{bundles} bundles\n{}", agent.log())),
    });
    // No answer comes: of the backlog no more goes than may be in flight, and an alarm goes nevertheless.
    let before = between.does("hold", 0);
    counter.set_temperature(3_905);
    let alarm = await_until("the alarm on its way", SOON, || {
        let seen = between.seen();
        if seen.alarms > before.alarms {
            Ok(seen)
        } else {
            Err(format!("{seen:?}\n{}", agent.log()))
        }
    });
    between.does("pass", 0);
    // Some answers may have been on their way when they were held: as many may have left again.
    let ahead = alarm.bundles_before_alarm - before.bundles;
    assert!(ahead <= 2 * BUNDLES_IN_FLIGHT, "{before:?}, {alarm:?}");
    await_all(&control_site, last.cast_signed());
    let took = draining.elapsed();

    let after = between.seen().bundles - alarm.bundles_before_alarm;
    assert!(after > 10, "the backlog was all but out before the alarm was made: {after} bundles");
    let live = control_site
        .number("SELECT live FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'");
    assert_eq!(live, 1, "it came as a live one");
    cases.tried(format_args!(
        "an alarm overtook the backlog: {ahead} bundles that were in flight came before it, {after} after it"
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
        "backlog of {last} records: stored in {} s ({per_s}/s), agent {mib} MiB at most, {again} came again, alarm after {ahead} bundles with {after} to come",
        took.as_secs()
    );
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
