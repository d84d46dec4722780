//! How fast a backlog leaves: to a subscriber that only counts, and to a Control Site that verifies and stores. `tests/bench
//! drain` calls it and prints what it prints.

#[path = "../tests/backlog/filled.rs"]
mod filled;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cellwatch_daemon::broker::{Settings, client_config};
use cellwatch_record::bundle;
use cellwatch_tests::usage::{resident_mib, to_f64};
use cellwatch_tests::{
    AGENT, Broker, Counter, Device, MasterFile, Rig, SITE, SiteFile, await_until,
};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};

const RECORDS: u64 = 200_000;
const SOON: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    println!("| {RECORDS} records | s | records/s | agent, MiB resident |");
    println!("|---|---|---|---|");
    for (what, is_stored) in
        [("to a subscriber that counts", false), ("verified and stored at a Control Site", true)]
    {
        let (took, mib) = drained(is_stored);
        let per_s = to_f64(RECORDS) / took.as_secs_f64();
        println!("| {what} | {:.1} | {per_s:.0} | {mib:.1} |", took.as_secs_f64());
    }
}

/// From the agent's start to the last record.
fn drained(is_stored: bool) -> (Duration, f64) {
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
    let counted = Arc::new(AtomicU64::new(0));
    count(&rig, &broker, &counted);
    let control_site = is_stored.then(|| rig.control_site(&broker));
    let since = Instant::now();
    let agent = rig.agent();
    let came = || counted.load(Ordering::Relaxed);
    await_until("the last record", PATIENCE, || match &control_site {
        Some(control_site) if control_site.through() < last.cast_signed() => {
            Err(control_site.state())
        }
        None if came() < last => Err(came().to_string()),
        Some(_) | None => Ok(()),
    });
    (since.elapsed(), resident_mib(agent.id()))
}

/// Counts the records of all bundles.
fn count(rig: &Rig, broker: &Broker, counted: &Arc<AtomicU64>) {
    let folder = rig.site();
    let settings = Settings {
        host: "localhost".to_owned(),
        port: broker.port,
        authority: folder.join("authority.pem"),
        certificate: folder.join("client.pem"),
        private_key: folder.join("client.key"),
        keep_alive_s: 30,
        client_id: "count".to_owned(),
        topics: String::new(),
    };
    let (counted, port) = (Arc::clone(counted), broker.port);
    let (ready, subscribed) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let tls = client_config(&settings).expect("the site's files");
            let mut options = MqttOptions::new("count", "localhost", port);
            options.set_transport(Transport::Tls(TlsConfiguration::Rustls(Arc::new(tls))));
            options.set_keep_alive(Duration::from_secs(30));
            // A bundle is larger than the library allows unasked.
            options.set_max_packet_size(Some(4 << 20));
            let (client, mut eventloop) = AsyncClient::new(options, 128);
            let topic = format!("cellwatch/1/{SITE}/{AGENT}/backfill");
            client.subscribe(topic, QoS::AtLeastOnce).await.expect("a queue");
            // Ends with the broker.
            while let Ok(event) = eventloop.poll().await {
                #[allow(clippy::wildcard_enum_match_arm, reason = "whatever else there is")]
                match event {
                    Event::Incoming(Packet::SubAck(_)) => drop(ready.send(())),
                    Event::Incoming(Packet::Publish(publish)) => {
                        let records = bundle::decode(&publish.payload).expect("a bundle").len();
                        counted.fetch_add(records as u64, Ordering::Relaxed);
                    }
                    _ => {}
                }
            }
        });
    });
    subscribed.recv_timeout(SOON).expect("the broker takes the subscription");
}
