//! One connection, from the attempt to its end.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnAck, LastWill, Packet, PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event as MqttEvent, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, Transport};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::publisher::QUEUE_MAX;
use super::task::Command;
use super::{Event, Publisher, Settings, client_config, explain};

/// How often the files are looked at.
const FILES_EVERY: Duration = Duration::from_secs(5);
/// From the attempt to the answered subscription.
const UP_WITHIN: Duration = Duration::from_secs(20);
/// What may still go out when the daemon ends.
const FINISH_WITHIN: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT_S: u64 = 10;
/// Largest packet that is taken: a Master File has its place in it.
const PACKET_BYTES_MAX: u32 = 4 << 20;
/// Packet identifiers; more than the core ever has in flight.
const IN_FLIGHT_MAX: u16 = 128;

/// How a connection ended.
pub(super) enum End {
    /// It was lost or never made; why.
    Lost { why: String, was_up: bool },
    /// It was ended on demand.
    Finished,
}

/// Connects, and hands on what happens until the connection ends.
pub(super) async fn connection<T: From<Event> + Send>(
    settings: &Settings,
    events: &mpsc::Sender<T>,
    commands: &mut mpsc::Receiver<Command>,
) -> End {
    let files = fingerprint(settings);
    let tls = match client_config(settings) {
        Ok(tls) => tls,
        Err(error) => return End::Lost { why: error.to_string(), was_up: false },
    };
    let (client, mut eventloop) = AsyncClient::new(options(settings, tls), QUEUE_MAX);
    let mut open = Open {
        settings,
        events,
        publisher: Publisher::new(client),
        connack: None,
        up: false,
        sent: 0,
        in_flight: BTreeSet::new(),
        finish_until: None,
    };
    let subscribed =
        open.publisher.client().try_subscribe(settings.down_filter(), QoS::AtLeastOnce);
    if let Err(error) = subscribed {
        return open.lost(format!("the subscription was not taken: {error}"));
    }
    let up_until = Instant::now() + UP_WITHIN;
    let mut look = interval(FILES_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let polled = {
            // Kept over the other branches: a poll that is dropped halfway loses what it did.
            let mut poll = pin!(eventloop.poll());
            loop {
                tokio::select! {
                    polled = &mut poll => break polled,
                    _ = look.tick() => {
                        if !open.up && Instant::now() > up_until {
                            let Settings { host, port, .. } = settings;
                            return open.lost(format!("broker {host}:{port} does not answer the subscription"));
                        }
                        if open.up && fingerprint(settings) != files {
                            match client_config(settings) {
                                Ok(_) => return open.lost("the certificate files have changed: connecting anew with them".to_owned()),
                                Err(error) => tracing::warn!("the certificate files have changed, but cannot be used yet: {error}"),
                            }
                        }
                    }
                    command = commands.recv() => match command {
                        Some(Command::GiveUp) => return open.lost("the connection took no more publishes".to_owned()),
                        Some(Command::Finish) | None => if open.finish() { return End::Finished },
                    },
                    () = sleep_until(open.finish_until.unwrap_or(up_until)), if open.finish_until.is_some() => return End::Finished,
                }
            }
        };
        match polled {
            Ok(event) => {
                if let Some(end) = open.take(event).await {
                    return end;
                }
            }
            Err(error) => {
                open.rest(&mut eventloop).await;
                return open.lost(explain(settings, &error));
            }
        }
    }
}

struct Open<'a, T> {
    settings: &'a Settings,
    events: &'a mpsc::Sender<T>,
    publisher: Publisher,
    connack: Option<ConnAck>,
    up: bool,
    sent: u64,
    in_flight: BTreeSet<u16>,
    finish_until: Option<Instant>,
}

impl<T: From<Event> + Send> Open<'_, T> {
    fn lost(&self, why: String) -> End {
        End::Lost { why, was_up: self.up }
    }

    async fn tell(&self, event: Event) {
        // The loop that would hear it has ended: then there is nobody to tell.
        let _ = self.events.send(event.into()).await;
    }

    /// Takes one event; gives the end if it is one.
    async fn take(&mut self, event: MqttEvent) -> Option<End> {
        #[allow(clippy::wildcard_enum_match_arm)] // pings and what QoS 2 would bring
        match event {
            MqttEvent::Incoming(Packet::ConnAck(connack)) => self.connack = Some(connack),
            MqttEvent::Incoming(Packet::SubAck(suback)) => {
                let refused = suback
                    .return_codes
                    .iter()
                    .find(|code| !matches!(code, SubscribeReasonCode::Success(_)));
                if let Some(code) = refused {
                    return Some(self.lost(format!(
                        "the broker does not let this agent subscribe to {} ({code:?}): allow it in the broker's access list",
                        self.settings.down_filter()
                    )));
                }
                self.up = true;
                let properties = self.connack.take().and_then(|connack| connack.properties);
                let properties = properties.as_ref();
                self.tell(Event::Up {
                    publisher: self.publisher.clone(),
                    receive_maximum: properties.and_then(|p| p.receive_max).unwrap_or(u16::MAX),
                    maximum_packet_size: properties.and_then(|p| p.max_packet_size),
                })
                .await;
            }
            MqttEvent::Incoming(Packet::PubAck(puback)) => {
                self.in_flight.remove(&puback.pkid);
                let (packet_id, reason) = (puback.pkid, reason_code(puback.reason));
                self.tell(Event::Acknowledged { packet_id, reason }).await;
            }
            MqttEvent::Incoming(Packet::Publish(publish)) => {
                let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                if let Some(what) = topic.strip_prefix(&self.settings.down_prefix()) {
                    let (what, payload) = (what.to_owned(), publish.payload.to_vec());
                    self.tell(Event::FromAbove { what, payload }).await;
                }
            }
            MqttEvent::Outgoing(Outgoing::Publish(packet_id)) => {
                self.sent += 1;
                self.in_flight.insert(packet_id);
                self.tell(Event::Sent(packet_id)).await;
            }
            MqttEvent::Outgoing(Outgoing::Disconnect) => return Some(End::Finished),
            _ => {}
        }
        let all_out = self.in_flight.is_empty() && self.sent == self.publisher.handed();
        if self.finish_until.is_some() && all_out {
            let _ = self.publisher.client().try_disconnect();
        }
        None
    }

    /// What came before the error still counts.
    async fn rest(&mut self, eventloop: &mut EventLoop) {
        while let Some(event) = eventloop.state.events.pop_front() {
            if self.take(event).await.is_some() {
                break;
            }
        }
    }

    /// Says goodbye; true if there is nobody to say it to.
    fn finish(&mut self) -> bool {
        if !self.up || self.finish_until.is_some() {
            return !self.up;
        }
        let offline = Settings::offline("the agent was stopped");
        let topic = self.settings.presence_topic();
        self.finish_until = Some(Instant::now() + FINISH_WITHIN);
        !self.publisher.publish(&topic, true, offline)
    }
}

fn options(settings: &Settings, tls: rustls::ClientConfig) -> MqttOptions {
    let mut options = MqttOptions::new(&settings.client_id, &settings.host, settings.port);
    options.set_transport(Transport::tls_with_config(tls.into()));
    options.set_clean_start(true);
    // Below this, rumqttc panics; the site file allows no less either.
    options.set_keep_alive(Duration::from_secs(u64::from(settings.keep_alive_s.max(5))));
    options.set_connection_timeout(CONNECT_TIMEOUT_S);
    options.set_max_packet_size(Some(PACKET_BYTES_MAX));
    options.set_outgoing_inflight_upper_limit(IN_FLIGHT_MAX);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    let will = Settings::offline("the connection was lost");
    options.set_last_will(LastWill::new(
        settings.presence_topic(),
        will,
        QoS::AtLeastOnce,
        true,
        None,
    ));
    options
}

/// Changes when one of the files does.
fn fingerprint(settings: &Settings) -> Vec<(PathBuf, Option<(SystemTime, u64)>)> {
    [&settings.authority, &settings.certificate, &settings.private_key]
        .into_iter()
        .map(|path| {
            let found = std::fs::metadata(path).ok();
            let seen = found.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
            (path.clone(), seen)
        })
        .collect()
}

/// MQTT 5, §3.4.2.1.
fn reason_code(reason: PubAckReason) -> u8 {
    match reason {
        PubAckReason::Success => 0x00,
        PubAckReason::NoMatchingSubscribers => 0x10,
        PubAckReason::UnspecifiedError => 0x80,
        PubAckReason::ImplementationSpecificError => 0x83,
        PubAckReason::NotAuthorized => 0x87,
        PubAckReason::TopicNameInvalid => 0x90,
        PubAckReason::PacketIdentifierInUse => 0x91,
        PubAckReason::QuotaExceeded => 0x97,
        PubAckReason::PayloadFormatInvalid => 0x99,
    }
}
