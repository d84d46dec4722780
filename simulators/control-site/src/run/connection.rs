//! The link to the broker: subscribes on every connection, hands messages on, reconnects for ever.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cellwatch_model::Utc;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubAck, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use tokio::sync::{mpsc, watch};

use super::hooks::{Acknowledgement, Generation};
use super::transport::{advice, tls};
use super::{Clock, RunArgs, RunError};
use crate::page::Live;
use crate::topic::{FILTER, Topic};

/// Most bytes of one packet: a bundle of a backlog.
const PACKET_MAX: u32 = 1 << 20;
/// Most messages that the broker may send before one is acknowledged; with [`PACKET_MAX`] this
/// bounds what waits in memory.
const RECEIVE_MAXIMUM: u16 = 128;
/// Most of our own publishes that wait for the broker.
const INFLIGHT_MAX: u16 = 64;
/// Requests that wait for the event loop.
const REQUESTS_MAX: usize = 256;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Longest time for TCP, TLS and MQTT to greet.
const GREETING_S: u64 = 10;
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Longest time for a clean DISCONNECT.
const FAREWELL: Duration = Duration::from_secs(2);

/// From the broker, in order.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are messages")]
pub(super) enum Incoming {
    Message {
        topic: String,
        payload: Vec<u8>,
        received: Utc,
        acknowledgement: Acknowledgement,
    },
    Connection(bool),
    /// Another roster is in use, which lists these agents with their sites.
    Agents(BTreeMap<String, String>),
}

/// What is published, retained, on every connection: topic and payload.
pub(super) type Documents = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// The link to the broker.
pub(super) struct Connection {
    pub(super) client: AsyncClient,
    pub(super) generation: Generation,
    pub(super) clock: Clock,
    pub(super) live: Arc<Live>,
    pub(super) incoming: mpsc::Sender<Incoming>,
    pub(super) documents: Documents,
    /// Told once, when the first subscription stands.
    pub(super) ready: Option<Box<dyn FnOnce() + Send + Sync>>,
}

/// A client by the options; nothing is connected yet.
pub(super) fn client(args: &RunArgs) -> Result<(AsyncClient, EventLoop), RunError> {
    let (host, port) = args.broker()?;
    let mut options = MqttOptions::new(&args.client_id, host, port);
    options
        .set_transport(tls(&args.link())?)
        .set_keep_alive(KEEP_ALIVE)
        .set_clean_start(true)
        .set_connection_timeout(GREETING_S)
        .set_max_packet_size(Some(PACKET_MAX))
        .set_receive_maximum(Some(RECEIVE_MAXIMUM))
        .set_manual_acks(true)
        .set_outgoing_inflight_upper_limit(INFLIGHT_MAX);
    Ok(AsyncClient::new(options, REQUESTS_MAX))
}

impl Connection {
    /// Works until `stop` says true; then the caller drains and calls [`farewell`].
    pub(super) async fn serve(
        mut self,
        mut events: EventLoop,
        mut stop: watch::Receiver<bool>,
    ) -> (AsyncClient, EventLoop) {
        let mut pause = PAUSE_FIRST;
        loop {
            let polled = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                polled = events.poll() => polled,
            };
            match polled {
                Ok(Event::Incoming(Packet::ConnAck(_))) => self.greeted(),
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    if self.subscribed(&answer).await {
                        pause = PAUSE_FIRST;
                    }
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => self.message(publish).await,
                Ok(_) => {}
                Err(error) => {
                    let text = error.to_string();
                    self.lost(&format!("{text}: {}", advice(&format!("{text} {error:?}")))).await;
                    tokio::select! {
                        biased;
                        _ = stop.wait_for(|stop| *stop) => break,
                        () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
                    }
                }
            }
        }
        (self.client, events)
    }

    fn greeted(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        let mut filter = Filter::new(FILTER, QoS::AtLeastOnce);
        filter.nolocal = true;
        if let Err(error) = self.client.try_subscribe_many([filter]) {
            tracing::error!("cannot subscribe: {error}; the connection is made anew");
            let _ = self.client.try_disconnect();
        }
    }

    async fn subscribed(&mut self, answer: &SubAck) -> bool {
        let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
        if answer.return_codes.is_empty() || !answer.return_codes.iter().all(granted) {
            let codes = &answer.return_codes;
            let words = format!(
                "the broker refuses the subscription to {FILTER} ({codes:?}): check its access list"
            );
            self.lost(&words).await;
            let _ = self.client.try_disconnect();
            return false;
        }
        tracing::info!("subscribed to {FILTER}");
        self.live.broker(true, "", self.clock.utc());
        self.forward(Incoming::Connection(true)).await;
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (topic, payload) in documents {
            let published = self.client.try_publish(topic.clone(), QoS::AtLeastOnce, true, payload);
            if let Err(error) = published {
                tracing::error!("{topic}: cannot be published now: {error}");
            }
        }
        if let Some(ready) = self.ready.take() {
            ready();
        }
        true
    }

    async fn message(&self, mut publish: Publish) {
        let received = self.clock.utc();
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        let payload = std::mem::take(&mut publish.payload).to_vec();
        let generation = self.generation.load(Ordering::Acquire);
        let acknowledgement = Acknowledgement { publish, generation };
        self.forward(Incoming::Message { topic, payload, received, acknowledgement }).await;
    }

    /// Waits where the pipeline is full: the broker then waits, too.
    async fn forward(&self, incoming: Incoming) {
        if self.incoming.send(incoming).await.is_err() {
            tracing::error!("the pipeline has ended: messages are no longer taken");
        }
    }

    async fn lost(&self, words: &str) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        tracing::warn!("no connection to the broker: {words}");
        self.live.broker(false, words, self.clock.utc());
        self.forward(Incoming::Connection(false)).await;
    }
}

/// Says goodbye to the broker, so that it does not take us for lost.
pub(super) async fn farewell(client: &AsyncClient, events: &mut EventLoop) {
    if client.try_disconnect().is_err() {
        return;
    }
    let until_closed = async { while events.poll().await.is_ok() {} };
    let _ = tokio::time::timeout(FAREWELL, until_closed).await;
}

/// Where a Master File or a roster goes: to every agent of the roster.
pub(super) fn to_every_agent<'a>(
    sites: impl IntoIterator<Item = (&'a String, &'a String)>,
    what: &str,
    payload: &[u8],
) -> Vec<(String, Vec<u8>)> {
    sites
        .into_iter()
        .map(|(agent, site)| (Topic::down(site, agent, what), payload.to_vec()))
        .collect()
}
