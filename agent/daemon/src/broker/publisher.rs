//! Hands publishes to one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rumqttc::v5::AsyncClient;
use rumqttc::v5::mqttbytes::QoS;

/// Publishes that may wait for the connection's task. The core has at most 64 open.
pub(super) const QUEUE_MAX: usize = 256;

/// Hands publishes to one connection; useless after it.
#[derive(Clone, Debug)]
pub struct Publisher {
    client: AsyncClient,
    handed: Arc<AtomicU64>,
}

impl Publisher {
    pub(super) fn new(client: AsyncClient) -> Self {
        Self { client, handed: Arc::default() }
    }

    /// Hands over a publish, QoS 1; false if the connection takes no more, so that it is to be given up.
    #[must_use]
    pub fn publish(&self, topic: &str, retain: bool, payload: Vec<u8>) -> bool {
        let taken = self.client.try_publish(topic, QoS::AtLeastOnce, retain, payload).is_ok();
        if taken {
            self.handed.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    pub(super) fn handed(&self) -> u64 {
        self.handed.load(Ordering::Relaxed)
    }

    pub(super) fn client(&self) -> &AsyncClient {
        &self.client
    }
}
