//! The broker: MQTT 5 with client certificates, retained messages, last will, large packets.
#![allow(clippy::unwrap_used)]

mod authority;

use std::time::Duration;

use authority::Authority;
use cellwatch_demo::broker::{BrokerFiles, RunningBroker, start};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, Publish};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};
use tokio::time::timeout;

/// Only ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn broker(folder: &std::path::Path, authority: &Authority) -> RunningBroker {
    let (certificate, key) = authority.server();
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let files = BrokerFiles {
        authority: write("ca.pem", authority.pem()),
        certificate: write("cert.pem", certificate),
        private_key: write("key.pem", key),
    };
    start(&files, 0).expect("the broker starts")
}

fn options(broker: &RunningBroker, tls: rustls::ClientConfig, id: &str) -> MqttOptions {
    let mut options = MqttOptions::new(id, "localhost", broker.address().port());
    options
        .set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(std::sync::Arc::new(
            tls,
        ))))
        .set_keep_alive(Duration::from_secs(30))
        .set_clean_start(true)
        .set_max_packet_size(Some(1 << 20));
    options
}

async fn until<T>(events: &mut EventLoop, mut of: impl FnMut(&Packet) -> Option<T>) -> T {
    timeout(PATIENCE, async {
        loop {
            if let Event::Incoming(packet) = events.poll().await.expect("connected")
                && let Some(found) = of(&packet)
            {
                return found;
            }
        }
    })
    .await
    .expect("comes in time")
}

async fn published(events: &mut EventLoop) -> Publish {
    until(
        events,
        |packet| {
            if let Packet::Publish(publish) = packet { Some(publish.clone()) } else { None }
        },
    )
    .await
}

async fn connected(options: MqttOptions) -> (AsyncClient, EventLoop) {
    let (client, mut events) = AsyncClient::new(options, 256);
    until(&mut events, |packet| matches!(packet, Packet::ConnAck(_)).then_some(())).await;
    (client, events)
}

async fn subscribed(client: &AsyncClient, events: &mut EventLoop, filter: &str) {
    client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
    until(events, |packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
}

async fn acknowledged(events: &mut EventLoop, count: usize) {
    let mut seen = 0;
    until(events, |packet| {
        seen += usize::from(matches!(packet, Packet::PubAck(_)));
        (seen == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn delivers_large_and_retained_messages_and_the_last_will() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let broker = broker(folder.path(), &authority);
    let tls = |name: &str| authority.client_config(Some((&authority, name)));

    let (subscriber, mut received) =
        connected(options(&broker, tls("control-site"), "control-site")).await;
    subscribed(&subscriber, &mut received, "cellwatch/#").await;

    let mut with_will = options(&broker, tls("agent-1"), "agent-1");
    with_will.set_last_will(LastWill::new(
        "cellwatch/1/a/presence",
        "offline",
        QoS::AtLeastOnce,
        true,
        None,
    ));
    let (agent, mut agent_events) = connected(with_will).await;

    // In order, none lost, large ones among them.
    let large = vec![0x5a_u8; 500_000];
    for number in 0..200_u32 {
        let payload = if number % 50 == 0 { large.clone() } else { number.to_be_bytes().to_vec() };
        agent.publish("cellwatch/1/a/event", QoS::AtLeastOnce, false, payload).await.unwrap();
        if number % 50 == 49 {
            acknowledged(&mut agent_events, 50).await;
        }
    }
    for number in 0..200_u32 {
        let publish = published(&mut received).await;
        assert!(!publish.retain);
        if number % 50 == 0 {
            assert_eq!(publish.payload.len(), large.len(), "message {number}");
        } else {
            assert_eq!(&publish.payload[..], number.to_be_bytes(), "message {number}");
        }
    }

    // A retained message reaches who comes later; an empty one takes it away.
    agent.publish("cellwatch/1/a/BX-01/alarms", QoS::AtLeastOnce, true, "standing").await.unwrap();
    acknowledged(&mut agent_events, 1).await;
    assert_eq!(&published(&mut received).await.payload[..], b"standing");
    let (late, mut late_events) = connected(options(&broker, tls("dashboard"), "dashboard")).await;
    subscribed(&late, &mut late_events, "cellwatch/#").await;
    let retained = published(&mut late_events).await;
    assert_eq!((&retained.payload[..], retained.retain), (&b"standing"[..], true));

    // The connection breaks without a farewell: the will is published, and retained.
    drop((agent, agent_events));
    let will = published(&mut received).await;
    assert_eq!(
        (&will.topic[..], &will.payload[..]),
        (&b"cellwatch/1/a/presence"[..], &b"offline"[..])
    );
    let (third, mut third_events) = connected(options(&broker, tls("dashboard"), "third")).await;
    subscribed(&third, &mut third_events, "cellwatch/1/a/presence").await;
    assert_eq!(&published(&mut third_events).await.payload[..], b"offline");
    println!("broker: 6 cases");
}

#[tokio::test]
async fn a_farewell_leaves_no_will() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let broker = broker(folder.path(), &authority);
    let tls = |name: &str| authority.client_config(Some((&authority, name)));
    let (subscriber, mut received) = connected(options(&broker, tls("cs"), "cs")).await;
    subscribed(&subscriber, &mut received, "#").await;
    let mut with_will = options(&broker, tls("agent-1"), "agent-1");
    with_will.set_last_will(LastWill::new("presence", "lost", QoS::AtLeastOnce, true, None));
    let (agent, mut events) = connected(with_will.clone()).await;
    agent.publish("presence", QoS::AtLeastOnce, true, "offline").await.unwrap();
    acknowledged(&mut events, 1).await;
    agent.disconnect().await.unwrap();
    while events.poll().await.is_ok() {}
    // The next connection's message follows: nothing came in between.
    let (agent, mut events) = connected(with_will).await;
    agent.publish("presence", QoS::AtLeastOnce, true, "online").await.unwrap();
    acknowledged(&mut events, 1).await;
    assert_eq!(&published(&mut received).await.payload[..], b"offline");
    assert_eq!(&published(&mut received).await.payload[..], b"online");
    println!("broker farewell: 1 case");
}

#[tokio::test]
async fn refuses_who_has_no_certificate_of_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let other = Authority::new();
    let broker = broker(folder.path(), &authority);
    for (tls, why) in [
        (authority.client_config(Some((&other, "agent-1"))), "another authority's certificate"),
        (authority.client_config(None), "no certificate"),
    ] {
        let (_client, mut events) = AsyncClient::new(options(&broker, tls, "agent-1"), 16);
        let refused = timeout(PATIENCE, events.poll()).await.expect("answered");
        assert!(
            matches!(
                refused,
                Err(ConnectionError::Tls(_)
                    | ConnectionError::Io(_)
                    | ConnectionError::MqttState(_))
            ),
            "{why}: {refused:?}"
        );
    }
    let (_client, _events) = connected(options(
        &broker,
        authority.client_config(Some((&authority, "agent-1"))),
        "agent-1",
    ))
    .await;
    println!("broker refusals: 3 cases");
}
