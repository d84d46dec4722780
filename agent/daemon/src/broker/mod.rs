//! The Control Site's broker: MQTT 5 over TLS 1.3 with a client certificate, outbound only.
//!
//! rumqttc 0.25 frames and keeps alive; which publish a PUBACK belongs to is the core's book. Each
//! attempt to connect is a new client with certificates read anew from their files, so that a
//! renewed certificate needs no restart; a connection whose files change is made again by itself.
//! Always clean start: nothing is re-sent but by the core.
//!
//! What comes from here comes in one order through one channel: publishes may be handed to a
//! connection only after its [`Event::Up`] was taken from that channel, so that none is credited to
//! another connection.
//!
//! Why a connection could not be made is said with the file, the key of the site file and the mend
//! ([`explain`](explain())).

mod certificate;
mod connection;
mod explain;
mod publisher;
mod settings;
mod task;
#[cfg(test)]
mod tests;
mod tls;

pub use certificate::{Certificate, CertificateError};
pub use explain::{explain, explain_tls};
pub use publisher::Publisher;
pub use settings::Settings;
pub use task::{Event, Handle, start};
pub use tls::{TlsFileError, client_config};
