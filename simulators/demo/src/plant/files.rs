//! What stands in the folder before anything runs.

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;

use super::Folder;
use crate::process::{Programs, once};

/// The site.
pub const SITE: &str = "barcelona-1";
/// The agent.
pub const AGENT: &str = "agent-1";
/// The units: id and name.
pub const UNITS: [(&str, &str); 2] =
    [("BX-01", "Rocking bag 25, bench left"), ("BX-02", "Rocking bag 25, bench right")];
/// The Master File.
pub const MASTER_FILE: &str = include_str!("../../master-file.toml");
/// The device profile that the Master File approves.
pub const PROFILE: &str = include_str!("../../../../config/examples/profiles/rocking-bag-25.toml");

/// Where something listens: host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Address {
    /// Reads `host:port`.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (host, port) =
            text.rsplit_once(':').with_context(|| format!("{text} is not host:port"))?;
        let port = port.parse().with_context(|| format!("{text} has no port"))?;
        Ok(Self { host: host.to_owned(), port })
    }
}

/// Makes keys, certificates and the roster, and signs the Master File as QA and as QP.
///
/// # Errors
/// A file cannot be written, or `control-site` refuses.
pub fn make_keys(folder: &Folder, programs: &Programs) -> anyhow::Result<()> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("profiles/rocking-bag-25.toml", PROFILE)?;
    write("master-file.toml", MASTER_FILE)?;
    let keys = folder.join("keys");
    let of = |path: &Path| path.as_os_str().to_owned();
    let word = OsString::from;
    once(
        &programs.control_site,
        [
            word("keys"),
            word("--dir"),
            of(&keys),
            word("--site"),
            word(SITE),
            word("--agent"),
            word(AGENT),
            word("--host"),
            word("localhost"),
        ],
    )?;
    once(
        &programs.control_site,
        [
            word("sign"),
            word("master-file"),
            of(&folder.join("master-file.toml")),
            word("--key"),
            of(&keys.join("people/qa.pk8")),
            word("--key"),
            of(&keys.join("people/qp.pk8")),
            word("--out"),
            of(&folder.join("master-file.cose")),
        ],
    )
}

/// Writes the site file.
///
/// # Errors
/// It cannot be written.
pub fn write_site(folder: &Folder, broker_port: u16, modbus: &[Address]) -> anyhow::Result<()> {
    let path = folder.join("site.toml");
    fs::write(&path, site_file(broker_port, modbus))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The site file: one device for each Modbus address, in the order of [`UNITS`].
#[must_use]
pub fn site_file(broker_port: u16, modbus: &[Address]) -> String {
    let mut text = format!(
        r#"# Site file of the demo: ports as they were free.

[site]
id = "{SITE}"
name = "Demonstration, clean room 1"
time_zone = "Europe/Madrid"

[agent]
id = "{AGENT}"
data_dir = "agent"
key = "keys/agents/{AGENT}/seal.pk8"
clock = "simulated" # this machine's clock is not proven: every record says so

[trust]
root_keys = ["keys/root.pub"]
roster = "keys/roster.cose"
master_file = "master-file.cose"

[broker]
host = "localhost"
port = {broker_port}
authority = "keys/authority/ca.pem"
certificate = "keys/agents/{AGENT}/client.pem"
private_key = "keys/agents/{AGENT}/client.key"
keep_alive_s = 30

[journal]
segment_mib = 16
commit_delay_ms = 200

[frames]
seconds = 2 # livelier than the 5 s of a site

[page]
listen = "127.0.0.1:0" # any free port: several demos may run on one machine
"#
    );
    for ((unit, name), Address { host, port }) in UNITS.iter().zip(modbus) {
        let device = unit.to_lowercase();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            r#"
[[device]]
id = "{device}"
profile = "profiles/rocking-bag-25.toml"
address = "{host}:{port}"
modbus_unit = 1

[[unit]]
id = "{unit}"
name = "{name}"
devices = ["{device}"]
"#
        );
    }
    text
}
