//! The broker goes away, the agent is killed: nothing is missing afterwards.

use std::fs;
use std::time::{Duration, Instant};

use cellwatch_tests::{
    AGENT, Cases, ControlSite, Device, MasterFile, Rig, SITE, SiteFile, await_until, reactor, root,
    segments,
};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// How long the broker is away.
const AWAY: Duration = Duration::from_secs(20);

/// The broker is stopped in the middle of a run and forgets everything; the agent goes on recording. Then the agent is
/// killed and started again. Each time every record is at the Control Site afterwards, once, in one chain.
// Req: LAW-03, LAW-04, DEL-01, DEL-02, DEL-03, AUD-01, SEAL-01
#[test]
fn outage() {
    let mut cases = Cases::of("outage");
    let rig = Rig::new();
    let mut broker = rig.broker();
    let control_site = rig.control_site(&broker);
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
    let before = control_site.await_through(20);
    broker.stop();
    // An outage lasts by its nature: that it does is what is awaited, beside the records of that time.
    let since = Instant::now();
    await_until("the end of the outage", AWAY * 3, || {
        let away = since.elapsed();
        if away >= AWAY { Ok(()) } else { Err(format!("{} s away", away.as_secs())) }
    });
    assert!(control_site.through() < before + 20, "nothing comes without a broker");
    broker.start_again();
    let recorded = rig.last_seq();
    // Two units, one frame each a second, for 20 s: at least as many records as seconds.
    assert!(recorded >= before + 20, "seq {recorded} in the journal, {before} before the outage");
    let through = control_site.await_through(recorded);
    assert_whole(&control_site);
    let late = control_site.number("SELECT count(*) FROM records WHERE live = 0");
    assert!(late > 0, "records of the outage come as backlog, never as live ones");
    cases.tried(format_args!(
        "{} s without a broker: whole through seq {through}, {late} as backlog",
        AWAY.as_secs()
    ));

    let (starts, seq) = (1, control_site.through());
    assert_eq!(control_site.number("SELECT count(*) FROM events WHERE kind = 'start'"), starts);
    agent.kill();
    let agent = rig.agent();
    let (_, restarted) = control_site.await_event("start", seq);
    let through = control_site.await_through(restarted + 20);
    assert_whole(&control_site);
    assert_eq!(
        control_site.number("SELECT count(*) FROM journal_state"),
        1,
        "the same journal goes on"
    );
    assert_eq!(control_site.number("SELECT max(boot) - min(boot) FROM records"), 1);
    assert_eq!(control_site.number("SELECT count(*) FROM events WHERE kind = 'stop'"), 0);
    cases.tried(format_args!("SIGKILL: seq goes on without a hole through {through}"));

    // Killed while the broker is away: the backlog is found again in the journal.
    let before = control_site.through();
    broker.stop();
    await_until("records that nobody has received", Duration::from_secs(60), || {
        let last = rig.last_seq();
        if last > before + 20 { Ok(()) } else { Err(format!("seq {last}")) }
    });
    agent.kill();
    broker.start_again();
    let agent = rig.agent();
    let (_, restarted) = control_site.await_event("start", before);
    let through = control_site.await_through(restarted);
    assert_whole(&control_site);
    cases.tried(format_args!("SIGKILL without a broker: whole through seq {through}"));

    // What was received tells later what was cut off: the agent must have heard of it.
    await_until("the receipt at the agent", Duration::from_secs(60), || {
        let said = rig.cellwatch(&["status"]);
        let status: Value = serde_json::from_str(said.stdout.trim()).unwrap_or_default();
        let known = status["receipt_through"].as_i64().unwrap_or(0);
        if known >= through { Ok(()) } else { Err(format!("seq {known} of {through}: {said}")) }
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let (_, stopped) = control_site.await_event("stop", restarted);
    control_site.await_through(stopped);
    assert_whole(&control_site);
    let presence = control_site
        .number(&format!("SELECT presence_online FROM agent_state WHERE agent = '{AGENT}'"));
    assert_eq!(presence, 0, "a clean end says that it is offline");
    let verified = rig.cellwatch(&["verify"]);
    assert_eq!(verified.status, Some(0), "{verified}");
    cases.tried(format_args!("a clean end at seq {stopped}, journal verified"));

    // A journal whose end was cut off looks whole by itself; what was received tells.
    let cut = stopped - 20;
    let (_, segment) = segments(&rig.journal()).pop().expect("a segment");
    let database = Connection::open(segment).expect("a segment");
    let deleted = database.execute("DELETE FROM records WHERE seq > ?1", [cut]).expect("a change");
    assert_eq!(deleted, 20);
    drop(database);
    let verified = rig.cellwatch(&["verify", "--json"]);
    assert_eq!(verified.status, Some(1), "{verified}");
    let report: Value = serde_json::from_str(verified.stdout.trim()).expect("JSON");
    assert_eq!(report["first_bad_seq"], cut + 1, "{report}");
    cases.tried(format_args!("the last 20 records removed: bad from seq {}", cut + 1));
}

/// Everything from seq 1 is here once, verified, in one chain.
fn assert_whole(control_site: &ControlSite) {
    // Live records overtake the backlog: between them is a gap until it has come.
    await_until("no gap", Duration::from_secs(60), || {
        match control_site.number("SELECT gaps FROM journals") {
            0 => Ok(()),
            _ => Err(control_site.state()),
        }
    });
    let state = control_site.state();
    let rows = control_site.rows(
        "SELECT through, (SELECT count(*) FROM records WHERE seq <= through), refused FROM journals",
    );
    let [Sql::Integer(through), Sql::Integer(stored), Sql::Integer(refused)] = rows[0].as_slice()
    else {
        panic!("{rows:?}")
    };
    assert_eq!((through, *refused), (stored, 0), "{state}");
    let broken = control_site.number(
        "SELECT count(*) FROM records a JOIN records b ON b.journal_id = a.journal_id AND b.seq = a.seq + 1 WHERE b.prev <> a.payload_hash",
    );
    assert_eq!(broken, 0, "each record names the hash of the one before");
}
