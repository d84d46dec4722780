//! Somebody who listens at the broker over the same TLS, and does nothing with what comes but hand it on.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use cellwatch_daemon::broker::{Settings, client_config};
use cellwatch_tests::{Broker, Rig};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};

const SOON: Duration = Duration::from_secs(60);
/// A bundle is larger than the library allows unasked.
const PACKET_MAX: u32 = 4 << 20;
/// Requests that wait in the library.
const QUEUE: usize = 128;

/// A client of the rig's broker with the agent's certificate.
pub(crate) fn client(rig: &Rig, broker: &Broker, id: &str) -> (AsyncClient, EventLoop) {
    let folder = rig.site();
    let settings = Settings {
        host: "localhost".to_owned(),
        port: broker.port,
        authority: folder.join("authority.pem"),
        certificate: folder.join("client.pem"),
        private_key: folder.join("client.key"),
        keep_alive_s: 30,
        client_id: id.to_owned(),
        topics: String::new(),
    };
    let tls = client_config(&settings).expect("the site's files");
    let mut options = MqttOptions::new(id, "localhost", broker.port);
    options.set_transport(Transport::Tls(TlsConfiguration::Rustls(Arc::new(tls))));
    options.set_keep_alive(Duration::from_secs(30));
    options.set_max_packet_size(Some(PACKET_MAX));
    AsyncClient::new(options, QUEUE)
}

/// Calls `take` with the payload of each message on the topic, on a thread of its own, until the broker ends; comes
/// back when the broker has taken the subscription.
pub(crate) fn subscribe(
    rig: &Rig,
    broker: &Broker,
    topic: String,
    mut take: impl FnMut(&[u8]) + Send + 'static,
) {
    let (client, mut eventloop) = client(rig, broker, "listens");
    let (ready, subscribed) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            client.subscribe(topic, QoS::AtLeastOnce).await.expect("a queue");
            while let Ok(event) = eventloop.poll().await {
                #[allow(clippy::wildcard_enum_match_arm, reason = "whatever else there is")]
                match event {
                    Event::Incoming(Packet::SubAck(_)) => drop(ready.send(())),
                    Event::Incoming(Packet::Publish(publish)) => take(&publish.payload),
                    _ => {}
                }
            }
        });
    });
    subscribed.recv_timeout(SOON).expect("the broker takes the subscription");
}
