#![allow(clippy::unwrap_used)]
#![allow(clippy::wildcard_enum_match_arm)] // whatever else comes fails the test

mod against_a_broker;
mod explanations;
mod files;
mod pki;

use std::path::Path;

use super::Settings;

fn settings(dir: &Path, port: u16) -> Settings {
    Settings {
        host: "localhost".to_owned(),
        port,
        authority: dir.join("ca.pem"),
        certificate: dir.join("agent.pem"),
        private_key: dir.join("agent.key"),
        keep_alive_s: 30,
        client_id: "cellwatch-madrid-agent-1".to_owned(),
        topics: "cellwatch/1/madrid/agent-1/".to_owned(),
    }
}
