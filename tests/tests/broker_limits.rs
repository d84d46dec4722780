//! A broker with small limits, one that refuses, and one that misbehaves: nothing is lost, the agent does not rage
//! against it, and says what is to be done.

use std::fs;
use std::time::{Duration, Instant};

use cellwatch_tests::{
    AGENT, Broker, BrokerBetween, Cases, ControlSite, Device, MasterFile, Process, Rig, SITE,
    SiteFile, await_until, reactor, root,
};

/// Longest time for anything that is awaited.
const SOON: Duration = Duration::from_secs(90);
/// Reason codes (MQTT 5, §3.4.2.1) that say the broker takes nothing more, or not from this client.
const QUOTA_EXCEEDED: u8 = 0x97;
const NOT_AUTHORISED: u8 = 0x87;
/// And that it dislikes this message.
const PAYLOAD_FORMAT_INVALID: u8 = 0x99;
const UNSPECIFIED: u8 = 0x80;
/// Most publishes a second of two units in peace: frames, values, summaries, events; several times that is rage.
const PUBLISHES_PER_S_MAX: u64 = 20;
/// What may come at once: a connection brings its summaries and what had waited.
const AT_ONCE_MAX: u64 = 80;

/// A site with two reactors whose agent goes to `port`.
fn site(rig: &Rig, port: u16) -> Vec<Process> {
    let example = root().join("config/examples/profiles/rocking-bag-25.toml");
    let profile = fs::read_to_string(&example).expect("the example profile");
    let reactors: Vec<_> = [1, 2].map(|seed| reactor(rig.path(), &example, seed)).into();
    let devices =
        reactors.iter().zip(1..).map(|((_, address), number)| Device::numbered(number, address));
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port,
        devices: devices.collect(),
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
    reactors.into_iter().map(|(process, _)| process).collect()
}

/// Everything that the agent has recorded by now is at the Control Site: once, in one chain, nothing refused.
fn all_arrives(rig: &Rig, control_site: &ControlSite) -> i64 {
    let through = control_site.await_through(rig.last_seq());
    let state = control_site.state();
    let wrong = "SELECT sum(refused) + (count(*) - 1) + sum(verified) - (SELECT count(*) FROM records) FROM journal_state";
    assert_eq!(control_site.number(wrong), 0, "{state}");
    through
}

/// So many more records are in the agent's journal.
fn records_more(rig: &Rig, count: i64) {
    let last = rig.last_seq() + count;
    await_until("more records", SOON, || match rig.last_seq() {
        seq if seq >= last => Ok(()),
        seq => Err(format!("seq {seq} of {last}")),
    });
}

fn says(control_site: &ControlSite, words: &str) {
    control_site.await_rows(
        words,
        &format!("SELECT 1 FROM events WHERE kind = 'broker' AND text LIKE '%{words}%'"),
    );
}

// Req: LAW-03, LAW-10, DEL-03
#[test]
fn mosquitto_with_small_limits() {
    let mut cases = Cases::of("broker_limits, Mosquitto");
    let rig = Rig::new();
    let mut broker: Broker = rig.broker();
    broker.stop();
    // Room for a frame, not for what the indices in it mean.
    broker.set("max_inflight_messages 1\nmax_packet_size 1200\n");
    broker.start_again();
    let control_site = rig.control_site(&broker);
    let _reactors = site(&rig, broker.port);
    let mut agent = rig.agent();
    agent.awaits_in_log("raise the broker's maximum packet size");
    await_until("frames around what does not fit", SOON, || {
        let frames = control_site.number("SELECT count(*) FROM records WHERE kind = 'telemetry'");
        if frames >= 20 { Ok(()) } else { Err(control_site.state()) }
    });
    let missing = control_site.number("SELECT sum(missing) FROM journals");
    assert!(missing > 0, "what does not fit cannot be there: {}", control_site.state());
    broker.stop();
    broker.set("max_inflight_messages 1\n");
    broker.start_again();
    let through = all_arrives(&rig, &control_site);
    says(&control_site, "raise the broker");
    cases.tried(format_args!(
        "packets up to 1200 bytes, one at a time: {missing} records did not fit and came later, whole through seq {through}"
    ));

    let prefix = format!("cellwatch/1/{SITE}/{AGENT}");
    let topics = [format!("{prefix}/+/telemetry"), format!("{prefix}/backfill")];
    broker.withhold(AGENT, &topics);
    let before = control_site.through();
    agent.awaits_in_log("see to the broker's access list");
    records_more(&rig, 30);
    let now = control_site.through();
    broker.withhold(AGENT, &[]);
    let through = all_arrives(&rig, &control_site);
    says(&control_site, "not authorised");
    assert!(through >= now + 20, "{now} while refused, {through} afterwards");
    cases.tried(format_args!(
        "refused by the access list from seq {before} on: whole through seq {through} when it was mended"
    ));
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}

// Req: LAW-03, LAW-10, DEL-03
#[test]
fn a_broker_that_misbehaves() {
    let mut cases = Cases::of("broker_limits, one that misbehaves");
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let mut between =
        BrokerBetween::start(rig.path(), &rig.keys, &broker, &format!("agents/{AGENT}"));
    let _reactors = site(&rig, between.port);
    let mut agent = rig.agent();
    control_site.await_through(20);

    for reason in [QUOTA_EXCEEDED, NOT_AUTHORISED, PAYLOAD_FORMAT_INVALID, UNSPECIFIED] {
        let (since, before) = (Instant::now(), between.does("refuse", reason));
        agent.awaits_in_log(&format!("with reason 0x{reason:02x}"));
        records_more(&rig, 20);
        let after = between.does("pass", 0);
        let publishes = after.publishes - before.publishes;
        let bound = AT_ONCE_MAX + PUBLISHES_PER_S_MAX * since.elapsed().as_secs();
        assert!(publishes <= bound, "{publishes} publishes, {bound} at most: {after:?}");
        assert_eq!(after.connections, before.connections, "a refusal is no reason to go");
        let through = all_arrives(&rig, &control_site);
        cases.tried(format_args!(
            "{publishes} publishes refused with 0x{reason:02x}: whole through seq {through}"
        ));
    }

    for mode in ["late", "backwards"] {
        let before = between.does(mode, 0);
        await_until("answers that were kept", SOON, || {
            let kept = between.seen().kept - before.kept;
            if kept >= 40 { Ok(()) } else { Err(format!("{kept}")) }
        });
        between.does("pass", 0);
        let through = all_arrives(&rig, &control_site);
        let after = between.seen();
        assert_eq!(after.connections, before.connections, "{mode}: answers did come");
        cases.tried(format_args!(
            "{} answers {mode}: whole through seq {through}",
            after.kept - before.kept
        ));
    }

    let before = between.does("never", 0);
    agent.awaits_in_log("publishes without an answer");
    let after = between.does("pass", 0);
    assert!(after.connections <= before.connections + 1, "{before:?}, {after:?}");
    let through = all_arrives(&rig, &control_site);
    cases.tried(format_args!(
        "{} answers never came: connected anew, whole through seq {through}",
        after.kept - before.kept
    ));

    let (since, before) = (Instant::now(), between.does("close", 0));
    await_until("connections that were ended", SOON, || {
        let closed = between.seen().closed - before.closed;
        if closed >= 6 { Ok(()) } else { Err(format!("{closed}")) }
    });
    let after = between.does("pass", 0);
    let (made, bound) = (after.connections - before.connections, 3 + since.elapsed().as_secs());
    assert!(made <= bound, "{made} connections, {bound} at most: one a second");
    let through = all_arrives(&rig, &control_site);
    cases.tried(format_args!(
        "{} connections ended in the middle of a publish: whole through seq {through}",
        after.closed - before.closed
    ));
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
