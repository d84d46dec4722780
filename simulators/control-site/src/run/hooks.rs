//! What the writer does to the world: acknowledgements, receipts, the page.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{CompletenessReceipt, JournalId};
use rumqttc::v5::AsyncClient;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::Clock;
use crate::intake::{OversightChange, UnsignedMessage, Verifier};
use crate::page::Live;
use crate::receipts::{Issued, IssuedCompleteness};
use crate::store::Hooks;
use crate::topic::Topic;

/// Which connection a message came by: a PUBACK on another one would mean something else.
pub(super) type Generation = Arc<AtomicU64>;

/// What acknowledges a message: its publish without the payload, and the connection.
#[derive(Debug)]
pub(super) struct Acknowledgement {
    pub(super) publish: Publish,
    pub(super) generation: u64,
}

/// Something for the broker.
#[derive(Debug)]
pub(super) enum Outgoing {
    Acknowledge(Acknowledgement),
    Retained { topic: String, payload: Vec<u8> },
}

/// The writer's hooks in a running Control Site.
pub(super) struct BrokerHooks {
    pub(super) clock: Clock,
    pub(super) verifier: Arc<Verifier>,
    /// Not bounded by itself: acknowledgements are at most the receive maximum of a connection,
    /// receipts are made only while there is one, at most one a journal and interval.
    pub(super) outgoing: UnboundedSender<Outgoing>,
    pub(super) live: Arc<Live>,
}

impl Hooks<Acknowledgement> for BrokerHooks {
    fn now(&self) -> (Utc, Mono) {
        (self.clock.utc(), self.clock.mono())
    }

    fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        // The receiver is gone only at the end, when the broker will forget us anyway.
        let _ = self.outgoing.send(Outgoing::Acknowledge(acknowledgement));
    }

    fn receipt(&mut self, issued: &Issued) -> bool {
        let agent = &issued.receipt.agent;
        // An agent that the roster no longer lists has no site to send to.
        let Some(site) = self.verifier.site_of(agent) else { return true };
        let topic = Topic::receipt(&site, agent, issued.receipt.journal);
        let payload = issued.sealed.clone();
        self.outgoing.send(Outgoing::Retained { topic, payload }).is_ok()
    }

    fn completeness(&mut self, issued: &IssuedCompleteness) -> bool {
        let CompletenessReceipt { agent, journal, seal_seq, batch, found, .. } = &issued.receipt;
        let Some(site) = self.verifier.site_of(agent) else { return true };
        tracing::info!(agent, batch, "a sealed batch is {}", found.word());
        let topic = Topic::completeness(&site, agent, *journal, *seal_seq);
        let payload = issued.sealed.clone();
        self.outgoing.send(Outgoing::Retained { topic, payload }).is_ok()
    }

    fn confirmed(&mut self, agent: &str, journal: JournalId, seal_seq: u64) {
        let Some(site) = self.verifier.site_of(agent) else { return };
        let topic = Topic::completeness(&site, agent, journal, seal_seq);
        // An empty retained message makes the broker forget (MQTT 5, §3.3.1.3).
        let _ = self.outgoing.send(Outgoing::Retained { topic, payload: Vec::new() });
    }

    fn unsigned(&mut self, message: UnsignedMessage) {
        self.live.unsigned(message);
    }

    fn oversight(&mut self, change: &OversightChange) {
        if change.lost {
            tracing::warn!(agent = change.agent, "oversight lost: no signed health");
        } else {
            tracing::info!(agent = change.agent, "oversight regained");
        }
    }

    fn changed(&mut self) {
        self.live.changed();
    }
}

/// Hands on what the writer sends, until the writer and the client are gone.
pub(super) async fn send_on(
    mut outgoing: UnboundedReceiver<Outgoing>,
    client: AsyncClient,
    generation: Generation,
) {
    while let Some(one) = outgoing.recv().await {
        let sent = match one {
            Outgoing::Acknowledge(ack) if ack.generation != generation.load(Ordering::Acquire) => {
                continue;
            }
            Outgoing::Acknowledge(ack) => client.ack(&ack.publish).await,
            Outgoing::Retained { topic, payload } => {
                client.publish(topic, QoS::AtLeastOnce, true, payload).await
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
