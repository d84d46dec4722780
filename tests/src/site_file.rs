//! Site files.

use std::fmt::Write;

/// The site of every rig.
pub const SITE: &str = "ulm-1";
/// Its agent.
pub const AGENT: &str = "agent-1";

/// A device, which is alone in its unit.
#[derive(Clone, Debug)]
pub struct Device {
    /// Id of the device.
    pub id: String,
    /// Id of its unit.
    pub unit: String,
    /// Address, host and port.
    pub address: String,
}

impl Device {
    /// The device `bx-NN` in the unit `BX-NN`.
    #[must_use]
    pub fn numbered(number: usize, address: &str) -> Self {
        let address = address.to_owned();
        Self { id: format!("bx-{number:02}"), unit: format!("BX-{number:02}"), address }
    }
}

/// What a site file says. Paths are names in its folder.
#[derive(Clone, Debug)]
pub struct SiteFile {
    /// Broker's host.
    pub host: String,
    /// Broker's port.
    pub port: u16,
    /// Devices, all of the profile `profile.toml`.
    pub devices: Vec<Device>,
    /// Largest segment, MiB.
    pub segment_mib: u32,
}

impl SiteFile {
    /// The text.
    ///
    /// # Panics
    /// Never: writing to a string does not fail.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { host, port, devices, segment_mib } = self;
        // No kernel that a test runs on must be synchronised.
        let mut text = format!(
            r#"[site]
id = "{SITE}"
name = "Ulm, clean room 1"
time_zone = "Europe/Berlin"

[agent]
id = "{AGENT}"
data_dir = "data"
key = "seal.pk8"
clock = "simulated"

[trust]
root_keys = ["root.pub"]
roster = "roster.cose"
master_file = "master-file.cose"

[broker]
host = "{host}"
port = {port}
authority = "authority.pem"
certificate = "client.pem"
private_key = "client.key"
keep_alive_s = 5

[journal]
segment_mib = {segment_mib}
commit_delay_ms = 50

[frames]
seconds = 1

[page]
listen = "127.0.0.1:0"
"#
        );
        for Device { id, unit, address } in devices {
            write!(
                text,
                r#"
[[device]]
id = "{id}"
profile = "profile.toml"
address = "{address}"

[[unit]]
id = "{unit}"
name = "Unit {unit}"
devices = ["{id}"]
"#
            )
            .expect("a string takes everything");
        }
        text
    }
}
