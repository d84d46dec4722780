//! What a session is made of.

use std::path::PathBuf;
use std::time::Duration;

use cellwatch_config::profile::Profile;
use cellwatch_config::site::{OpcUaIdentity, OpcUaServer};

use super::convert::Wanted;
use crate::installation::Installation;

/// The first pause after a session that could not be made, or did not last …
pub(super) const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// … doubles up to this.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(15);
/// A session that lived so long was a good one: the next pause is the first again.
pub(super) const LASTED: Duration = Duration::from_secs(60);
/// Longest time to make a session in.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// Nodes in one read or one creation of items: servers limit them (OPC 10000-5 §6.3.11).
pub(super) const NODES_AT_ONCE: usize = 250;
/// Notifications that may wait for the core; with more the session is given up, and the gap is on record.
pub(super) const WAITING_MAX: usize = 256;
/// Without a change the server says that it lives about this often.
pub(super) const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// Everything that a session needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Id of the device, for messages.
    pub device: String,
    /// How the server is reached; its paths are ready to be opened.
    pub server: OpcUaServer,
    /// URI of the agent as an application.
    pub application_uri: String,
    /// Folder of the agent's own certificate and key.
    pub own_dir: PathBuf,
    /// Folder of the certificates that are trusted.
    pub trust_dir: PathBuf,
    /// Folder of those that nobody has accepted.
    pub unknown_dir: PathBuf,
    /// The nodes, one for each parameter in the profile's order.
    pub wanted: Vec<Wanted>,
}

impl Settings {
    /// Settings of a device on a server of this installation.
    #[must_use]
    pub fn of(
        installation: &Installation,
        device: &str,
        server: &OpcUaServer,
        profile: &Profile,
    ) -> Self {
        let folder = installation.data_dir().join("opcua");
        let site = &installation.site;
        let mut server = server.clone();
        match &mut server.identity {
            OpcUaIdentity::Anonymous => {}
            OpcUaIdentity::UserName { password_file, .. } => {
                *password_file = installation.path(password_file);
            }
            OpcUaIdentity::Certificate { certificate, private_key } => {
                *certificate = installation.path(certificate);
                *private_key = installation.path(private_key);
            }
        }
        Self {
            device: device.to_owned(),
            application_uri: format!("urn:cellwatch:{}:{}", site.id, site.agent.id),
            own_dir: folder.clone(),
            trust_dir: installation.opcua_trust_dir(&server),
            unknown_dir: installation.opcua_unknown_dir(),
            wanted: profile
                .parameters
                .iter()
                .map(|one| Wanted { node: one.node.clone(), period_ms: one.period_ms })
                .collect(),
            server,
        }
    }
}
