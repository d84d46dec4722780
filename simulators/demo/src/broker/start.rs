//! Starts rumqttd on a free port, and knows whether it still runs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::Broker;

use super::settings::{BrokerFiles, config};

/// Free ports that are tried: another process may take one first.
const TRIES: usize = 5;
const BIND_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// A file is not there.
    #[error("cannot read {}: {cause}; `control-site keys` makes it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The operating system gives no port.
    #[error("no free port on 127.0.0.1: {0}")]
    Port(std::io::Error),
    /// The operating system gives no thread.
    #[error("cannot start the broker's thread: {0}")]
    Thread(std::io::Error),
    /// rumqttd ended by itself; its log says why.
    #[error("rumqttd does not listen on {0}: its log above says why")]
    NotListening(SocketAddr),
}

/// A broker that listens. It runs until the process ends.
#[derive(Debug)]
pub struct RunningBroker {
    address: SocketAddr,
    ended: Receiver<()>,
}

impl RunningBroker {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has ended, which it never should.
    pub fn wait(&self) {
        // An error means that the thread is gone, which is the same.
        self.ended.recv().ok();
    }
}

/// Starts the broker on 127.0.0.1: on `port`, or on a free one for 0.
///
/// # Errors
/// A file is missing, or it cannot listen.
pub fn start(files: &BrokerFiles, port: u16) -> Result<RunningBroker, BrokerError> {
    for path in [&files.authority, &files.certificate, &files.private_key] {
        std::fs::File::open(path)
            .map_err(|cause| BrokerError::File { path: path.clone(), cause })?;
    }
    let mut tried = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    for _ in 0..if port == 0 { TRIES } else { 1 } {
        if port == 0 {
            tried = free_port().map_err(BrokerError::Port)?;
        }
        if let Some(running) = try_on(files, tried)? {
            return Ok(running);
        }
    }
    Err(BrokerError::NotListening(tried))
}

/// rumqttd binds by itself and does not say where, so it needs a port by number.
fn free_port() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn try_on(files: &BrokerFiles, address: SocketAddr) -> Result<Option<RunningBroker>, BrokerError> {
    let mut broker = Broker::new(config(files, address));
    let (end, ended) = channel();
    thread::Builder::new()
        .name("broker".to_owned())
        .spawn(move || {
            if let Err(error) = broker.start() {
                tracing::error!(%error, "the broker ended");
            }
            // Nobody listens any more when the process is ending.
            end.send(()).ok();
        })
        .map_err(BrokerError::Thread)?;
    tracing::info!("looking whether {address} is open: the TLS error that follows is this look");
    let deadline = Instant::now() + BIND_WITHIN;
    while Instant::now() < deadline {
        let listens = TcpStream::connect(address).is_ok();
        match ended.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) if listens => {
                return Ok(Some(RunningBroker { address, ended }));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
    Ok(None)
}
