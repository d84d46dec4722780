//! One retained message to the broker, and its acknowledgement.

use std::path::PathBuf;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};

use super::RunError;
use super::options::host_and_port;
use super::transport::{Link, advice, tls};

/// Longest time for everything together.
const WITHIN: Duration = Duration::from_secs(30);
/// Our name at the broker: beside the Control Site that runs.
const CLIENT_ID: &str = "control-site-command";

/// Where to publish, and as whom.
#[derive(Clone, Debug)]
pub struct BrokerOptions {
    /// The broker, as host:port.
    pub broker: String,
    /// Certificate of the authority that issued the broker's, PEM.
    pub authority: PathBuf,
    /// Our client certificate, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub private_key: PathBuf,
}

/// Publishes `payload` retained and awaits that the broker took it.
///
/// # Errors
/// It did not, or could not be reached.
pub fn publish(options: &BrokerOptions, topic: &str, payload: &[u8]) -> Result<(), RunError> {
    let BrokerOptions { broker, authority, certificate, private_key } = options;
    let (host, port) = host_and_port(broker)?;
    let mut mqtt = MqttOptions::new(CLIENT_ID, host, port);
    mqtt.set_transport(tls(&Link { authority, certificate, private_key })?).set_clean_start(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| RunError::System { what: "the event loop", cause })?;
    let failed = |cause: String| RunError::Publish { topic: topic.to_owned(), cause };
    runtime.block_on(async {
        let (client, mut events) = AsyncClient::new(mqtt, 4);
        let queued = client.try_publish(topic, QoS::AtLeastOnce, true, payload.to_vec());
        queued.map_err(|error| failed(error.to_string()))?;
        let taken = async {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(answer))) => {
                        let good = [PubAckReason::Success, PubAckReason::NoMatchingSubscribers];
                        return if good.contains(&answer.reason) {
                            Ok(())
                        } else {
                            Err(format!("the broker refuses it ({:?})", answer.reason))
                        };
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let text = error.to_string();
                        return Err(format!("{text}: {}", advice(&format!("{text} {error:?}"))));
                    }
                }
            }
        };
        let taken = tokio::time::timeout(WITHIN, taken).await;
        let late = || Err(format!("the broker did not answer within {} s", WITHIN.as_secs()));
        taken.unwrap_or_else(|_| late()).map_err(failed)?;
        if client.try_disconnect().is_ok() {
            let closed = async { while events.poll().await.is_ok() {} };
            let _ = tokio::time::timeout(Duration::from_secs(2), closed).await;
        }
        Ok(())
    })
}
