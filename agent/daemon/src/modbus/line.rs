//! The task of one line.

use std::time::Duration;

use cellwatch_config::profile::ModbusRules;
use cellwatch_config::site::{Line, Transport};
use cellwatch_core::door::{DeviceId, NoReply, Read, RequestId};
use tokio::sync::mpsc;

use super::rtu::Rtu;
use super::tcp::Tcp;

/// Requests that may wait; the core has at most one open for each line.
const ASKS_MAX: usize = 4;

/// A request to a device.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Who is asked.
    pub device: DeviceId,
    /// To be named in the reply.
    pub request: RequestId,
    /// What to read.
    pub read: Read,
    /// A longer read that may be sent instead where replies carry no id.
    pub instead: Option<Read>,
    /// How long to wait for connection and reply together, milliseconds.
    pub timeout_ms: u64,
    /// So long after that a reply may still come, milliseconds.
    pub max_lateness_ms: u64,
}

/// What came back.
pub type Outcome = Result<Vec<u16>, NoReply>;

/// Starts the task of a line with `devices` on it. `reply` is called exactly once for each ask; it is waited for, so that a
/// loop that cannot keep up slows the polls and loses nothing.
pub fn start<'r, F>(
    line: Line,
    devices: impl IntoIterator<Item = &'r ModbusRules>,
    reply: impl Fn(DeviceId, RequestId, Outcome) -> F + Send + 'static,
) -> mpsc::Sender<Ask>
where
    F: Future<Output = ()> + Send,
{
    let (asks, mut wanted) = mpsc::channel::<Ask>(ASKS_MAX);
    if let Transport::Tcp { address } = line.transport {
        let pause = Duration::from_millis(line.pause_after_connect_ms);
        let mut tcp = Tcp::new(address, pause, line.keep);
        tokio::spawn(async move {
            while let Some(ask) = wanted.recv().await {
                let outcome = tcp.answer(ask).await;
                reply(ask.device, ask.request, outcome).await;
            }
        });
    } else {
        let mut rtu = Rtu::new(line, devices);
        tokio::spawn(async move {
            while let Some(ask) = rtu.idle(&mut wanted).await {
                let outcome = rtu.answer(ask).await;
                reply(ask.device, ask.request, outcome).await;
            }
        });
    }
    asks
}
