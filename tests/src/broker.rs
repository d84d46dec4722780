//! Mosquitto, as sites run it: TLS 1.3, client certificates, no memory of its own.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Keys, Process, mosquitto};

/// A broker that listens on loopback.
#[derive(Debug)]
pub struct Broker {
    /// Its port; the same after a stop and a start.
    pub port: u16,
    folder: PathBuf,
    /// Its configuration, without what a test adds.
    settings: String,
    process: Option<Process>,
}

impl Broker {
    /// Starts it with the authority's own certificate for it.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(folder: &Path, keys: &Keys) -> Self {
        Self::with_certificate(folder, keys, &keys.path("broker"))
    }

    /// Starts it with `cert.pem` and `key.pem` of the folder `identity`.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn with_certificate(folder: &Path, keys: &Keys, identity: &Path) -> Self {
        let port = free_port();
        let authority = keys.path("authority/ca.pem");
        // Without "user" it would give up root, and could then not read keys for their owner only.
        let text = format!(
            "listener {port} 127.0.0.1\n\
             tls_version tlsv1.3\n\
             cafile {}\n\
             certfile {}\n\
             keyfile {}\n\
             require_certificate true\n\
             use_identity_as_username true\n\
             allow_anonymous false\n\
             persistence false\n\
             user root\n\
             log_dest stderr\n\
             log_type error\n\
             log_type warning\n\
             log_type notice\n\
             log_type information\n",
            authority.display(),
            identity.join("cert.pem").display(),
            identity.join("key.pem").display(),
        );
        // Everybody may do everything, until a test says otherwise.
        let acl = folder.join("mosquitto.acl");
        fs::write(&acl, EVERYTHING).expect("a file");
        let text = format!("{text}acl_file {}\n", acl.display());
        let mut broker = Self { port, folder: folder.to_owned(), settings: text, process: None };
        broker.set("");
        broker.start_again();
        broker
    }

    /// Adds `more` to its configuration from the next start on, in place of what was added before.
    ///
    /// # Panics
    /// The configuration cannot be written.
    pub fn set(&self, more: &str) {
        let text = format!("{}{more}", self.settings);
        fs::write(self.folder.join("mosquitto.conf"), text).expect("a file");
    }

    /// Starts it again on the same port, with nothing kept from before.
    ///
    /// # Panics
    /// It does not start.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the broker runs already");
        // Lines of earlier starts must not be taken for this one's.
        let _ = fs::remove_file(self.folder.join("mosquitto.log"));
        let mut command = mosquitto("mosquitto");
        command.arg("-c").arg(self.folder.join("mosquitto.conf"));
        let mut process = Process::start("mosquitto", &self.folder, command);
        process.awaits_in_log("running");
        self.process = Some(process);
    }

    /// Hands `user` nothing of `topics` from now on; with none, everything again. Connections stay.
    ///
    /// # Panics
    /// It does not run.
    pub fn withhold(&mut self, user: &str, topics: &[String]) {
        let denied: String = topics.iter().map(|topic| format!("topic deny {topic}\n")).collect();
        let text = format!("{EVERYTHING}user {user}\n{denied}topic readwrite #\n");
        fs::write(self.folder.join("mosquitto.acl"), text).expect("a file");
        let process = self.process.as_mut().expect("the broker runs");
        let reloads = process.log().matches(RELOADED).count();
        process.hang_up();
        let soon = std::time::Duration::from_secs(60);
        crate::await_until("the broker's new access list", soon, || {
            let log = process.log();
            if log.matches(RELOADED).count() > reloads { Ok(()) } else { Err(log) }
        });
    }

    /// Ends it: connections break, what it held is gone.
    ///
    /// # Panics
    /// It does not run.
    pub fn stop(&mut self) {
        self.process.take().expect("the broker runs").kill();
    }

    /// `mosquitto_sub` or `mosquitto_pub` as the client whose certificate is in `identity`.
    #[must_use]
    pub fn client(&self, name: &str, keys: &Keys, identity: &str) -> Command {
        let mut command = mosquitto(name);
        command.args(["-V", "mqttv5", "-h", "localhost", "-p", &self.port.to_string()]);
        command.args(["--tls-version", "tlsv1.3", "-q", "1"]);
        command.arg("--cafile").arg(keys.path("authority/ca.pem"));
        command.arg("--cert").arg(keys.path(identity).join("client.pem"));
        command.arg("--key").arg(keys.path(identity).join("client.key"));
        command
    }
}

/// An access list without a restriction.
const EVERYTHING: &str = "pattern readwrite #\n";
/// What Mosquitto says when it has read its configuration again.
const RELOADED: &str = "Reloading config";

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}
