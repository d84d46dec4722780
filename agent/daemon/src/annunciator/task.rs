//! The task of one annunciator.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use cellwatch_config::site::{Annunciator, Outputs};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_modbus::client::{Client, Context, tcp};
use tokio_modbus::slave::Slave;
use tokio_modbus::{Request, Response};

/// Writes that may wait: the core has one open at a time, and one that darkens at the end.
const WRITES_MAX: usize = 2;

/// A task that goes on until everything handed in is written or given up.
#[derive(Debug)]
pub struct Ending(JoinHandle<()>);

impl Ending {
    /// Waits for the last write; its own timeout bounds that.
    pub async fn wait(self) {
        // A task that panicked has nothing left to write.
        let _ = self.0.await;
    }
}

/// Starts the task of an annunciator. `written` is called exactly once for each write.
pub fn start<F>(
    annunciator: Annunciator,
    written: impl Fn(Result<(), String>) -> F + Send + 'static,
) -> (mpsc::Sender<Vec<bool>>, Ending)
where
    F: Future<Output = ()> + Send,
{
    let (writes, mut wanted) = mpsc::channel::<Vec<bool>>(WRITES_MAX);
    let task = tokio::spawn(async move {
        let mut link = None;
        let limit = Duration::from_millis(annunciator.timeout_ms);
        while let Some(lamps) = wanted.recv().await {
            let outcome = match timeout(limit, write(&annunciator, link.take(), &lamps)).await {
                Ok(Ok(kept)) => {
                    link = Some(kept);
                    Ok(())
                }
                Ok(Err(why)) => Err(format!("{}: {why}", annunciator.address)),
                Err(_) => {
                    let limit_ms = annunciator.timeout_ms;
                    Err(format!("{}: no answer within {limit_ms} ms", annunciator.address))
                }
            };
            written(outcome).await;
        }
    });
    (writes, Ending(task))
}

/// Writes the declared outputs; gives the connection back only after the reply to this very request.
async fn write(
    annunciator: &Annunciator,
    link: Option<Context>,
    lamps: &[bool],
) -> Result<Context, String> {
    let mut link = match link {
        Some(link) => link,
        None => connect(annunciator).await.map_err(|error| error.to_string())?,
    };
    let (request, what) = match annunciator.outputs {
        Outputs::Coils(first) => {
            (Request::WriteMultipleCoils(first, Cow::Borrowed(lamps)), "coils")
        }
        Outputs::Registers(first) => {
            let words = lamps.iter().map(|on| u16::from(*on)).collect();
            (Request::WriteMultipleRegisters(first, Cow::Owned(words)), "registers")
        }
    };
    let response = match link.call(request).await {
        Ok(Ok(response)) => response,
        Ok(Err(exception)) => return Err(format!("it refuses the {what}: {exception}")),
        Err(error) => return Err(error.to_string()),
    };
    #[allow(clippy::wildcard_enum_match_arm, reason = "every other reply is wrong")]
    let written = match (annunciator.outputs, response) {
        (Outputs::Coils(first), Response::WriteMultipleCoils(address, count))
        | (Outputs::Registers(first), Response::WriteMultipleRegisters(address, count)) => {
            address == first && usize::from(count) == lamps.len()
        }
        (Outputs::Coils(_) | Outputs::Registers(_), _) => false,
    };
    if written {
        Ok(link)
    } else {
        Err("something else than a reply to this write came".to_owned())
    }
}

async fn connect(annunciator: &Annunciator) -> io::Result<Context> {
    let stream = TcpStream::connect(&annunciator.address).await?;
    stream.set_nodelay(true)?;
    Ok(tcp::attach_slave(stream, Slave(annunciator.modbus_unit)))
}
