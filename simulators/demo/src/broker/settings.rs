//! What rumqttd is told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rumqttd::{Config, ConnectionSettings, RouterConfig, ServerSettings, TlsConfig};

/// Largest packet, bytes: a bundle of a backlog has up to 1 MiB, and headers.
pub const PAYLOAD_MAX_BYTES: usize = (1 << 20) + 4096;
const CONNECTIONS_MAX: usize = 64;
/// Publishes that may wait for one subscriber's acknowledgement.
const INFLIGHT_MAX: usize = 128;
/// Messages that are taken from the log for one subscriber at a time.
const OUTGOING_MAX: u64 = 128;
/// Messages of one subscription wait in memory in so many segments of this size, bytes; the
/// oldest are dropped, and receipts ask for them again.
const SEGMENT_BYTES: usize = 8 << 20;
const SEGMENTS_MAX: usize = 4;
/// From the end of TLS's greeting to MQTT's.
const GREETING_MS: u16 = 10_000;

/// The broker's certificates, PEM.
#[derive(Clone, Debug, clap::Args)]
pub struct BrokerFiles {
    /// Certificate of the authority: only clients with a certificate of it are let in.
    #[arg(long, value_name = "FILE")]
    pub authority: PathBuf,
    /// The broker's certificate.
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// Its private key.
    #[arg(long, value_name = "FILE")]
    pub private_key: PathBuf,
}

pub(super) fn config(files: &BrokerFiles, listen: SocketAddr) -> Config {
    let text = |path: &Path| path.display().to_string();
    let server = ServerSettings {
        name: "mqtt".to_owned(),
        listen,
        tls: Some(TlsConfig::Rustls {
            capath: Some(text(&files.authority)),
            certpath: text(&files.certificate),
            keypath: text(&files.private_key),
        }),
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: GREETING_MS,
            max_payload_size: PAYLOAD_MAX_BYTES,
            max_inflight_count: INFLIGHT_MAX,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    Config {
        router: RouterConfig {
            max_connections: CONNECTIONS_MAX,
            max_outgoing_packet_count: OUTGOING_MAX,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS_MAX,
            ..RouterConfig::default()
        },
        v5: Some(HashMap::from([("mqtt".to_owned(), server)])),
        ..Config::default()
    }
}
