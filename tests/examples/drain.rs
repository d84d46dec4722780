//! How fast a backlog leaves: to a subscriber that only counts, and to a Control Site that verifies and stores. `tests/bench
//! drain` calls it and prints what it prints.

#[path = "../tests/backlog/filled.rs"]
mod filled;
mod subscriber;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cellwatch_record::bundle;
use cellwatch_tests::usage::{resident_mib, to_f64};
use cellwatch_tests::{
    AGENT, Broker, Counter, Device, MasterFile, Rig, SITE, SiteFile, await_until,
};
use rumqttc::v5::mqttbytes::QoS;

/// What the bare floor publishes on: the site's certificate may write there.
const BARE_TOPIC: &str = "cellwatch/1/bench/bare/backfill";
const RECORDS: u64 = 200_000;
const SOON: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    println!("| {RECORDS} records | s | records/s | agent, MiB resident |");
    println!("|---|---|---|---|");
    let row = |what: &str, took: Duration, mib: &str| {
        let per_s = to_f64(RECORDS) / took.as_secs_f64();
        println!("| {what} | {:.1} | {per_s:.0} | {mib} |", took.as_secs_f64());
    };
    let to_count = drained(false);
    let (messages, bytes) = to_count.bundles;
    let took = bare(messages, bytes / messages.max(1));
    let what = format!(
        "the bare floor: {messages} messages of {} bytes by rumqttc alone, counted",
        bytes / messages.max(1)
    );
    row(&what, took, "");
    row("to a subscriber that counts", to_count.took, &format!("{:.1}", to_count.mib));
    let stored = drained(true);
    row("verified and stored at a Control Site", stored.took, &format!("{:.1}", stored.mib));
}

/// A backlog that has left.
struct Drained {
    took: Duration,
    /// The agent's memory afterwards.
    mib: f64,
    /// Bundles that came, and their bytes.
    bundles: (u64, u64),
}

/// From the agent's start to the last record.
fn drained(is_stored: bool) -> Drained {
    let rig = Rig::new();
    let mut broker = rig.broker();
    let counter = Counter::start();
    let profile = Counter::profile(1000);
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker.port,
        devices: vec![Device::numbered(1, &counter.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    broker.stop();
    let agent = rig.agent();
    await_until("a journal", SOON, || match rig.last_seq() {
        last if last > 5 => Ok(()),
        last => Err(last),
    });
    agent.kill();
    let last = filled::fill(&rig, "BX-01", RECORDS);

    broker.start_again();
    let counted = Arc::new(Counted::default());
    count(&rig, &broker, &counted);
    let control_site = is_stored.then(|| rig.control_site(&broker));
    let since = Instant::now();
    let agent = rig.agent();
    let came = || counted.records.load(Ordering::Relaxed);
    await_until("the last record", PATIENCE, || match &control_site {
        Some(control_site) if control_site.through() < last.cast_signed() => {
            Err(control_site.state())
        }
        None if came() < last => Err(came().to_string()),
        Some(_) | None => Ok(()),
    });
    let took = since.elapsed();
    let bundles = (counted.messages.load(Ordering::Relaxed), counted.bytes.load(Ordering::Relaxed));
    Drained { took, mib: resident_mib(agent.id()), bundles }
}

/// As many messages of the same size by the library alone: nothing is read from a disk, windowed or waited for but the
/// PUBACK of each.
fn bare(messages: u64, bytes_each: u64) -> Duration {
    let rig = Rig::new();
    let broker = rig.broker();
    let counted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&counted);
    subscriber::subscribe(&rig, &broker, BARE_TOPIC.to_owned(), move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let (client, mut eventloop) = subscriber::client(&rig, &broker, "bare");
    let since = Instant::now();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let payload = vec![0x5a; usize::try_from(bytes_each).expect("a size")];
            let publish = async move {
                for _ in 0..messages {
                    let sent = client.publish(BARE_TOPIC, QoS::AtLeastOnce, false, payload.clone());
                    sent.await.expect("a queue");
                }
                // The last PUBACKs come while it waits here.
                std::future::pending::<()>().await;
            };
            let poll = async { while eventloop.poll().await.is_ok() {} };
            tokio::join!(publish, poll);
        });
    });
    await_until("the last message", PATIENCE, || match counted.load(Ordering::Relaxed) {
        came if came < messages => Err(came.to_string()),
        _ => Ok(()),
    });
    since.elapsed()
}

/// What came.
#[derive(Default)]
struct Counted {
    records: AtomicU64,
    messages: AtomicU64,
    bytes: AtomicU64,
}

/// Counts the records of all bundles.
fn count(rig: &Rig, broker: &Broker, counted: &Arc<Counted>) {
    let counted = Arc::clone(counted);
    let topic = format!("cellwatch/1/{SITE}/{AGENT}/backfill");
    subscriber::subscribe(rig, broker, topic, move |payload| {
        let records = bundle::decode(payload).expect("a bundle").len();
        counted.records.fetch_add(records as u64, Ordering::Relaxed);
        counted.messages.fetch_add(1, Ordering::Relaxed);
        counted.bytes.fetch_add(payload.len() as u64, Ordering::Relaxed);
    });
}
