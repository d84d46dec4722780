//! The command line of `control-site run`.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::RunError;
use super::transport::Link;
use crate::intake::OwnClock;
use crate::receipts::RECEIPT_INTERVAL_DEFAULT_MS;

/// Name of the database in `--site-dir`.
const DATABASE_NAME: &str = "control-site.db";

/// Verifies what the agents send, stores it, sends receipts, serves the page.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// Folder for the database control-site.db; made if it is not there.
    #[arg(long, value_name = "DIR", required_unless_present = "database")]
    pub site_dir: Option<PathBuf>,
    /// The database file, instead of --site-dir.
    #[arg(long, value_name = "FILE", conflicts_with = "site_dir")]
    pub database: Option<PathBuf>,
    /// The broker, as host:port; its certificate must be for this host.
    #[arg(long, value_name = "HOST:PORT")]
    pub broker: String,
    /// Certificate of the authority that issued the broker's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub authority: PathBuf,
    /// Our client certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE")]
    pub private_key: PathBuf,
    /// The signed roster: whose keys are whose.
    #[arg(long, value_name = "FILE")]
    pub roster: PathBuf,
    /// A trusted root's public key, 64 hexadecimal digits; may be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    pub root: Vec<PathBuf>,
    /// The key that seals receipts, PKCS #8.
    #[arg(long, value_name = "FILE")]
    pub receipt_key: PathBuf,
    /// Where the page is served; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub http: SocketAddr,
    /// Our name at the broker.
    #[arg(long, value_name = "NAME", default_value = "control-site")]
    pub client_id: String,
    /// Whether this machine's clock may be judged by.
    #[arg(long, value_enum, default_value_t = ClockOption::Trusted)]
    pub clock: ClockOption,
    /// Shortest time between two receipts of one journal, milliseconds.
    #[arg(long, value_name = "MS", default_value_t = RECEIPT_INTERVAL_DEFAULT_MS,
          value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub receipt_interval_ms: u64,
    /// An approved Master File to be published to every agent of the roster.
    #[arg(long, value_name = "FILE")]
    pub publish_master_file: Option<PathBuf>,
}

/// Whether this machine's clock may be judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ClockOption {
    /// It is disciplined: records from the future are refused, validity dates are judged.
    Trusted,
    /// Demonstrations and rehearsals: nothing is judged by it.
    Simulated,
}

impl RunArgs {
    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        match (&self.database, &self.site_dir) {
            (Some(file), _) => file.clone(),
            (None, Some(folder)) => folder.join(DATABASE_NAME),
            (None, None) => PathBuf::from(DATABASE_NAME),
        }
    }

    /// Host and port of the broker.
    ///
    /// # Errors
    /// Not host:port.
    pub fn broker(&self) -> Result<(String, u16), RunError> {
        host_and_port(&self.broker)
    }

    pub(super) fn link(&self) -> Link<'_> {
        let Self { authority, certificate, private_key, .. } = self;
        Link { authority, certificate, private_key }
    }

    /// Whether this machine's clock may be judged by.
    #[must_use]
    pub const fn own_clock(&self) -> OwnClock {
        match self.clock {
            ClockOption::Trusted => OwnClock::Trusted,
            ClockOption::Simulated => OwnClock::Simulated,
        }
    }
}

/// Host and port of a broker.
pub(super) fn host_and_port(broker: &str) -> Result<(String, u16), RunError> {
    let wrong = || RunError::Broker(broker.to_owned());
    let (host, port) = broker.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| wrong())?;
    if host.is_empty() { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}
