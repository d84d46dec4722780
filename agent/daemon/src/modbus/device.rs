//! The task of one device.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::profile::Table;
use cellwatch_core::door::{DeviceId, NoReply, Read, RequestId};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_modbus::client::{Client, Context, tcp};
use tokio_modbus::slave::{Slave, SlaveContext};
use tokio_modbus::{Request, Response};

use super::{GuardedStream, WrongReply};

/// Requests that may wait; the core has at most one open for each device.
const ASKS_MAX: usize = 4;

/// A request to a device.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// To be named in the reply.
    pub request: RequestId,
    /// What to read.
    pub read: Read,
    /// How long to wait for connection and reply together, milliseconds.
    pub timeout_ms: u64,
}

/// What came back.
pub type Outcome = Result<Vec<u16>, NoReply>;

/// Starts the task of the device at `address`, `host:port`. `reply` is called exactly once for each
/// ask; it is waited for, so that a loop that cannot keep up slows the polls and loses nothing.
pub fn start<F>(
    device: DeviceId,
    address: String,
    reply: impl Fn(DeviceId, RequestId, Outcome) -> F + Send + 'static,
) -> mpsc::Sender<Ask>
where
    F: Future<Output = ()> + Send,
{
    let (asks, mut wanted) = mpsc::channel::<Ask>(ASKS_MAX);
    tokio::spawn(async move {
        let mut link = None;
        while let Some(ask) = wanted.recv().await {
            let outcome = answer(&mut link, &address, ask).await;
            reply(device, ask.request, outcome).await;
        }
    });
    asks
}

/// A connection that has answered only what it was asked.
struct Link {
    socket: Arc<TcpStream>,
    context: Context,
}

impl Link {
    async fn connect(address: &str, unit: u8) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let socket = Arc::new(socket);
        let context = tcp::attach_slave(GuardedStream::new(Arc::clone(&socket)), Slave(unit));
        Ok(Self { socket, context })
    }

    /// True if nothing waits there: neither a late reply nor the end.
    fn is_quiet(&self) -> bool {
        let waits = self.socket.try_read(&mut [0]);
        matches!(waits, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

async fn answer(link: &mut Option<Link>, address: &str, ask: Ask) -> Outcome {
    let Ask { read, timeout_ms, .. } = ask;
    let until = Instant::now() + Duration::from_millis(timeout_ms);
    let mut open = match link.take().filter(Link::is_quiet) {
        Some(kept) => kept,
        None => match timeout_at(until, Link::connect(address, read.modbus_unit)).await {
            Ok(Ok(open)) => open,
            Ok(Err(error)) => return Err(NoReply::NotConnected(error.to_string())),
            Err(_) => {
                let text = format!("no connection within {timeout_ms} ms");
                return Err(NoReply::NotConnected(text));
            }
        },
    };
    open.context.set_slave(Slave(read.modbus_unit));
    // Taken out of `link`: only a complete reply puts it back.
    let called = timeout_at(until, open.context.call(request(read))).await;
    let outcome = match called {
        Err(_) => return Err(NoReply::Timeout),
        Ok(Err(error)) => return Err(NoReply::Wrong(explain(error))),
        Ok(Ok(Err(exception))) => Err(NoReply::Exception(exception.into())),
        Ok(Ok(Ok(response))) => Ok(words(read, response).map_err(NoReply::Wrong)?),
    };
    *link = Some(open);
    outcome
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
