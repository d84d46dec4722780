//! Modbus TCP on a line: one connection, one or several units.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::profile::Table;
use cellwatch_core::door::{NoReply, Read};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_modbus::client::{Client, Context, tcp};
use tokio_modbus::slave::{Slave, SlaveContext};
use tokio_modbus::{Request, Response};

use super::stream::Progress;
use super::{Ask, GuardedStream, Outcome, WrongReply};

/// A connection that has answered only what it was asked.
struct Link {
    socket: Arc<TcpStream>,
    context: Context,
    progress: Arc<Progress>,
}

impl Link {
    async fn connect(address: &str, unit: u8) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let socket = Arc::new(socket);
        let guarded = GuardedStream::new(Arc::clone(&socket));
        let progress = guarded.progress();
        let context = tcp::attach_slave(guarded, Slave(unit));
        Ok(Self { socket, context, progress })
    }

    /// True if nothing waits there: neither a late reply nor the end.
    fn is_quiet(&self) -> bool {
        let waits = self.socket.try_read(&mut [0]);
        matches!(waits, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// The line's connection, made when it is needed.
pub(super) struct Tcp {
    address: String,
    pause_after_connect: Duration,
    keep: bool,
    link: Option<Link>,
}

impl Tcp {
    pub(super) const fn new(address: String, pause_after_connect: Duration, keep: bool) -> Self {
        Self { address, pause_after_connect, keep, link: None }
    }

    pub(super) async fn answer(&mut self, ask: Ask) -> Outcome {
        let Ask { read, timeout_ms, .. } = ask;
        let mut until = Instant::now() + Duration::from_millis(timeout_ms);
        let mut open = match self.link.take().filter(Link::is_quiet) {
            Some(kept) => kept,
            None => {
                let open = connect(&self.address, read.modbus_unit, until, timeout_ms).await?;
                until += self.pause_after_connect;
                tokio::time::sleep(self.pause_after_connect).await;
                open
            }
        };
        open.context.set_slave(Slave(read.modbus_unit));
        // Taken out of `self`: only a complete reply puts it back.
        let called = timeout_at(until, open.context.call(request(read))).await;
        let outcome = match called {
            Err(_) => return Err(late(&open.progress, timeout_ms)),
            Ok(Err(error)) => return Err(NoReply::Wrong(explain(error))),
            Ok(Ok(Err(exception))) => Err(NoReply::Exception(exception.into())),
            Ok(Ok(Ok(response))) => Ok(words(read, response).map_err(NoReply::Wrong)?),
        };
        self.link = self.keep.then_some(open);
        outcome
    }
}

async fn connect(
    address: &str,
    unit: u8,
    until: Instant,
    timeout_ms: u64,
) -> Result<Link, NoReply> {
    match timeout_at(until, Link::connect(address, unit)).await {
        Ok(Ok(open)) => Ok(open),
        Ok(Err(error)) => Err(NoReply::NotConnected(error.to_string())),
        Err(_) => {
            let text = format!("no connection within {timeout_ms} ms");
            Err(NoReply::NotConnected(text))
        }
    }
}

/// Nothing came in time, or not all of it.
fn late(progress: &Progress, timeout_ms: u64) -> NoReply {
    match progress.part() {
        None => NoReply::Timeout,
        Some((found, whole)) => {
            let text = format!("{found} of {whole} bytes of the reply came within {timeout_ms} ms");
            NoReply::Wrong(text)
        }
    }
}

fn request(read: Read) -> Request<'static> {
    match read.table {
        Table::Coil => Request::ReadCoils(read.address, read.count),
        Table::Discrete => Request::ReadDiscreteInputs(read.address, read.count),
        Table::Input => Request::ReadInputRegisters(read.address, read.count),
        Table::Holding => Request::ReadHoldingRegisters(read.address, read.count),
    }
}

/// The words of a response, exactly as many as were asked for.
fn words(read: Read, response: Response) -> Result<Vec<u16>, String> {
    let count = usize::from(read.count);
    #[allow(clippy::wildcard_enum_match_arm)] // every other pair is wrong
    let words = match (read.table, response) {
        (Table::Coil, Response::ReadCoils(bits))
        | (Table::Discrete, Response::ReadDiscreteInputs(bits)) => {
            // The library gives whole bytes: padded to the next multiple of eight.
            if bits.len() != count.next_multiple_of(8) && bits.len() != count {
                return Err(format!("{} bits came where {count} were asked for", bits.len()));
            }
            bits.into_iter().take(count).map(u16::from).collect()
        }
        (Table::Input, Response::ReadInputRegisters(words))
        | (Table::Holding, Response::ReadHoldingRegisters(words)) => words,
        (_, other) => return Err(format!("the reply is to {}", other.function_code())),
    };
    if words.len() == count {
        Ok(words)
    } else {
        Err(format!("{} words came where {count} were asked for", words.len()))
    }
}

fn explain(error: tokio_modbus::Error) -> String {
    match error {
        tokio_modbus::Error::Protocol(error) => error.to_string(),
        tokio_modbus::Error::Transport(error) => {
            let wrong = error.get_ref().and_then(|inner| inner.downcast_ref::<WrongReply>());
            wrong.map_or_else(|| format!("the connection broke: {error}"), WrongReply::to_string)
        }
    }
}
