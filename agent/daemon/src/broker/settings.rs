//! Where and as whom to connect.

use std::path::{Path, PathBuf};

use cellwatch_config::site::Site;

/// Where and as whom to connect. Paths are ready to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Host name, as in the broker's certificate.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// PEM file of the authority that signed the broker's certificate.
    pub authority: PathBuf,
    /// PEM file of our certificate (chain).
    pub certificate: PathBuf,
    /// PEM file of its private key.
    pub private_key: PathBuf,
    /// Keep-alive, seconds.
    pub keep_alive_s: u16,
    /// MQTT client id.
    pub client_id: String,
    /// `cellwatch/1/{site}/{agent}/`.
    pub topics: String,
}

impl Settings {
    /// The broker of a site file in `folder`.
    #[must_use]
    pub fn of(site: &Site, folder: &Path) -> Self {
        let broker = &site.broker;
        Self {
            host: broker.host.clone(),
            port: broker.port,
            authority: folder.join(&broker.authority),
            certificate: folder.join(&broker.certificate),
            private_key: folder.join(&broker.private_key),
            keep_alive_s: broker.keep_alive_s,
            client_id: format!("cellwatch-{}-{}", site.id, site.agent.id),
            topics: format!("cellwatch/1/{}/{}/", site.id, site.agent.id),
        }
    }

    /// Topic of the presence, online or offline.
    #[must_use]
    pub fn presence_topic(&self) -> String {
        format!("{}presence", self.topics)
    }

    /// What the presence says when the agent is away; `reason` in words.
    #[must_use]
    pub fn offline(reason: &str) -> Vec<u8> {
        serde_json::json!({ "online": false, "reason": reason }).to_string().into_bytes()
    }

    /// Filter of what comes down.
    #[must_use]
    pub fn down_filter(&self) -> String {
        format!("{}down/#", self.topics)
    }

    /// Prefix of the topics that come down.
    #[must_use]
    pub fn down_prefix(&self) -> String {
        format!("{}down/", self.topics)
    }
}
