//! The site as the daemon and the core use it. Paths are as written: relative ones count from the site file's folder.

use std::path::PathBuf;

use super::{Annunciator, Mail, OpcUaServer};
use crate::Lines;

/// A site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Id of the site: a topic level, `[a-z0-9-]`, at most 32 characters.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// IANA time zone of the site, such as `Europe/Madrid`.
    pub time_zone: String,
    /// The agent itself.
    pub agent: Agent,
    /// Whom it trusts.
    pub trust: Trust,
    /// Where it publishes.
    pub broker: Broker,
    /// How it writes.
    pub journal: Journal,
    /// How it frames telemetry.
    pub frames: Frames,
    /// Where the operator page is served.
    pub page: super::Page,
    /// Lines that devices share.
    pub shared_lines: Vec<Line>,
    /// OPC UA servers.
    pub opcua_servers: Vec<OpcUaServer>,
    /// What it polls.
    pub devices: Vec<Device>,
    /// What it watches.
    pub units: Vec<Unit>,
    /// Its stack lights and horns.
    pub annunciators: Vec<Annunciator>,
    /// Who takes messages to people; none where nothing is sent.
    pub mail: Option<Mail>,
    /// Where its keys stand in the text: for messages only, no part of equality; `Lines::default()` where there is no text.
    pub lines: Lines,
}

/// `[agent]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Id of the agent: a topic level like the site's.
    pub id: String,
    /// Folder of journal and state; made when missing.
    pub data_dir: PathBuf,
    /// PKCS#8 file of the Ed25519 key that seals records; readable by its owner only.
    pub key: PathBuf,
    /// Where the wall clock's state comes from.
    pub clock: ClockSource,
}

/// Where the wall clock's state comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// The kernel says whether it is synchronised.
    #[default]
    Kernel,
    /// Declared simulated: for demonstrations; every record says so.
    Simulated,
}

/// `[trust]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Public root keys (files of 64 hexadecimal digits) that sign the roster.
    pub root_keys: Vec<PathBuf>,
    /// The signed roster.
    pub roster: PathBuf,
    /// The signed Master File.
    pub master_file: PathBuf,
}

/// `[broker]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Host name as in the broker's certificate.
    pub host: String,
    /// TCP port, 8883 by default.
    pub port: u16,
    /// PEM file of the authority that signed the broker's certificate.
    pub authority: PathBuf,
    /// PEM file of the agent's client certificate (chain).
    pub certificate: PathBuf,
    /// PEM file of the client certificate's private key; readable by its owner only.
    pub private_key: PathBuf,
    /// MQTT keep-alive, seconds, 5 to 300.
    pub keep_alive_s: u16,
}

/// `[journal]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// A segment is closed when it has this size, MiB, 1 to 256.
    pub segment_mib: u32,
    /// Telemetry waits at most this long for its commit, milliseconds, 0 to 1000; alarms and actions never wait.
    pub commit_delay_ms: u64,
    /// What receipts cover stays at least so long, days of watching, 1 to 3650.
    pub keep_days: u64,
    /// Above this the oldest that receipts cover goes, MiB, 1 to 10 000 000.
    pub keep_mib: u64,
    /// Kept free on the disk for alarms, actions and losses, MiB, 1 to 4096.
    pub reserve_mib: u64,
}

/// `[frames]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames {
    /// Length of a frame, seconds, 1 to 60.
    pub seconds: u64,
}

/// `[[device]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Id, unique in the site.
    pub id: String,
    /// Profile file.
    pub profile: PathBuf,
    /// Where it is.
    pub reach: Reach,
    /// Modbus unit identifier.
    pub modbus_unit: u8,
}

/// Where a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// `host:port` of its own Modbus TCP server.
    Address(String),
    /// Id of the [`Line`] that it shares.
    Line(String),
    /// Id of the [`OpcUaServer`] that has its nodes.
    OpcUa(String),
}

/// `[[line]]`: a connection or a serial port with one request at a time, for several devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Id, unique in the site.
    pub id: String,
    /// What it is.
    pub transport: Transport,
    /// Between the end of a request and the next one, milliseconds, 0 to 10 000. On RTU never less than t3.5.
    pub gap_ms: u64,
    /// After a connection or port was opened, milliseconds, 0 to 60 000.
    pub pause_after_connect_ms: u64,
    /// False where a connection is closed after each request.
    pub keep: bool,
}

/// How bytes travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Modbus TCP: a gateway, or a server with several units.
    Tcp {
        /// `host:port`.
        address: String,
    },
    /// Modbus RTU in a TCP connection: a serial server.
    RtuOverTcp {
        /// `host:port`.
        address: String,
    },
    /// Modbus RTU on a serial port of this machine.
    Rtu(SerialPort),
}

/// A serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPort {
    /// Its device file, such as `/dev/ttyUSB0` or, better, a name below `/dev/serial/by-id`.
    pub port: PathBuf,
    /// Baud rate, 300 to 921 600.
    pub baud: u32,
    /// Parity.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop_bits: u8,
}

/// Parity of a serial line; there are eight data bits always (Modbus over Serial Line V1.02, §2.5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parity {
    /// None; the standard then wants two stop bits.
    None,
    /// Even, the standard's default.
    #[default]
    Even,
    /// Odd.
    Odd,
}

impl Transport {
    /// True where replies carry no id.
    #[must_use]
    pub const fn is_rtu(&self) -> bool {
        match self {
            Self::Tcp { .. } => false,
            Self::RtuOverTcp { .. } | Self::Rtu(_) => true,
        }
    }
}

/// `[[unit]]`: a vessel that holds a culture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Id, unique in the site: a topic level, `[A-Za-z0-9-]`, at most 32 characters.
    pub id: String,
    /// Name for people, such as `rocking bag 25`.
    pub name: String,
    /// Ids of its devices.
    pub devices: Vec<String>,
}

impl Site {
    /// The device with this id.
    #[must_use]
    pub fn device(&self, id: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == id)
    }

    /// The shared line with this id.
    #[must_use]
    pub fn shared_line(&self, id: &str) -> Option<&Line> {
        self.shared_lines.iter().find(|line| line.id == id)
    }

    /// The OPC UA server with this id.
    #[must_use]
    pub fn opcua_server(&self, id: &str) -> Option<&OpcUaServer> {
        self.opcua_servers.iter().find(|server| server.id == id)
    }

    /// The unit with this id.
    #[must_use]
    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }
}
