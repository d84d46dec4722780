//! What calls people: stack lights and horns, and the server that takes messages.

use std::path::PathBuf;

/// `[[annunciator]]`: lamps and a horn on the coils or holding registers of a Modbus TCP server. These are all that
/// the agent ever writes (LAW-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annunciator {
    /// Id, unique in the site.
    pub id: String,
    /// `host:port` of its Modbus TCP server.
    pub address: String,
    /// Modbus unit identifier.
    pub modbus_unit: u8,
    /// What of the server switches them.
    pub outputs: Outputs,
    /// What the outputs from the first one on switch, in their order.
    pub lamps: Vec<Lamp>,
    /// Ids of the units that it shows; empty for all of them. The agent's own alarms are always shown.
    pub units: Vec<String>,
    /// How long a write may take, connection and reply together, milliseconds, 100 to 10 000.
    pub timeout_ms: u64,
}

/// What of an annunciator's server switches its lamps, with the zero-based address of the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// A coil for each lamp.
    Coils(u16),
    /// A holding register for each lamp: 1 is on, 0 is off.
    Registers(u16),
}

/// What an output switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lamp {
    /// Critical and high alarms.
    Red,
    /// Medium and low alarms.
    Amber,
    /// Nothing is wrong.
    Green,
    /// The agent itself needs attention.
    Blue,
    /// The audible signal.
    Horn,
}

impl Lamp {
    /// The word in the site file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Horn => "horn",
        }
    }
}

/// `[mail]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Host name as in the server's certificate.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// PEM file of the authority that signed the server's certificate; the system's authorities where there is none.
    pub authority: Option<PathBuf>,
    /// Who sends, where the server asks.
    pub login: Option<MailLogin>,
    /// The sender's address.
    pub from: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the first byte (RFC 8314, §3).
    #[default]
    Implicit,
    /// TLS after STARTTLS (RFC 3207); without it nothing is sent.
    StartTls,
    /// Not at all: only for a server on this machine.
    None,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLogin {
    /// User name.
    pub user: String,
    /// File of the password, mode 0600.
    pub password_file: PathBuf,
}
