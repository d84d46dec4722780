//! The demo's MQTT broker: rumqttd, MQTT 5 over TLS, only with a client certificate of the demo's
//! own authority. A process of its own: `demo broker`.
//!
//! A stand-in for the Mosquitto that sites run: it keeps no session, and everything in memory. It
//! has no access list: whoever holds a certificate of the authority may publish what he likes, and
//! the Control Site believes none of it without a seal.

mod settings;
mod start;

pub use settings::{BrokerFiles, PAYLOAD_MAX_BYTES};
pub use start::{BrokerError, RunningBroker, start};
