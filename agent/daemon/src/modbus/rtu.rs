//! RTU on a line: port and clock around the core's master.

use std::time::Duration;

use cellwatch_config::profile::ModbusRules;
use cellwatch_config::site::{Line, Transport};
use cellwatch_core::acquire::rtu::{self, Output, RtuMaster, Timing};
use cellwatch_core::door::NoReply;
use cellwatch_model::Mono;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::port::{Port, open};
use super::{Ask, Outcome};

/// Longer than any frame of RTU, 256 bytes.
const CHUNK: usize = 512;

/// The line's port, opened when it is needed.
pub(super) struct Rtu {
    line: Line,
    began: Instant,
    timing: Timing,
    /// What the process before asked for may still come for so long after the line is opened, milliseconds.
    former_ms: u64,
    master: Option<RtuMaster>,
    port: Option<Box<dyn Port>>,
}

impl Rtu {
    /// A line with these devices on it.
    pub(super) fn new<'r>(line: Line, devices: impl IntoIterator<Item = &'r ModbusRules>) -> Self {
        let timing = match &line.transport {
            Transport::Rtu(serial) => Timing::serial(serial.baud, line.gap_ms),
            Transport::Tcp { .. } | Transport::RtuOverTcp { .. } => Timing::tunnelled(line.gap_ms),
        };
        let former_ms = timing.reply_within_ms(devices);
        Self { line, began: Instant::now(), timing, former_ms, master: None, port: None }
    }

    /// Waits for the next request, and takes what comes meanwhile for what it is: nobody's.
    pub(super) async fn idle(&mut self, wanted: &mut mpsc::Receiver<Ask>) -> Option<Ask> {
        loop {
            let (Some(port), Some(master)) = (&mut self.port, &mut self.master) else {
                return wanted.recv().await;
            };
            let mut chunk = [0; CHUNK];
            tokio::select! {
                biased;
                read = port.read(&mut chunk) => match read {
                    Ok(count) if count > 0 => {
                        let now = mono(self.began);
                        master.received(&chunk[..count], now);
                    }
                    Ok(_) | Err(_) => self.port = None,
                },
                ask = wanted.recv() => return ask,
            }
        }
    }

    pub(super) async fn answer(&mut self, ask: Ask) -> Outcome {
        if let Err(why) = self.ready(&ask).await {
            return Err(NoReply::NotConnected(why));
        }
        let began = self.began;
        let Ask { read, instead, timeout_ms, max_lateness_ms, .. } = ask;
        let master = self
            .master
            .get_or_insert_with(|| RtuMaster::new(self.timing, self.former_ms, mono(began)));
        master.request(rtu::Ask { read, instead, timeout_ms, max_lateness_ms }, mono(began));
        let outcome = loop {
            match master.poll_output() {
                Some(Output::Reply(outcome)) => break outcome,
                Some(Output::Send(bytes)) => {
                    let Some(port) = &mut self.port else { continue };
                    let whole = async {
                        port.write_all(&bytes).await?;
                        port.flush().await
                    };
                    let sent = timeout(Duration::from_millis(timeout_ms), whole).await;
                    let broke = match sent {
                        Ok(Ok(())) => continue,
                        Ok(Err(error)) => error.to_string(),
                        Err(_) => format!("nothing could be sent within {timeout_ms} ms"),
                    };
                    self.port = None;
                    master.broke(NoReply::Wrong(format!("line {}: {broke}", self.line.id)));
                }
                None => {
                    let Some(port) = &mut self.port else { continue };
                    let due = master.deadline().unwrap_or_default();
                    let mut chunk = [0; CHUNK];
                    tokio::select! {
                        // What has come by a deadline is looked at before it.
                        biased;
                        read = port.read(&mut chunk) => match read {
                            Ok(count) if count > 0 => {
                                master.received(&chunk[..count], mono(began));
                            }
                            ended => {
                                let why = ended.map_or_else(|error| error.to_string(), |_| "it was closed".to_owned());
                                self.port = None;
                                master.broke(NoReply::Wrong(format!("line {}: {why}", self.line.id)));
                            }
                        },
                        () = sleep_until(began + Duration::from_nanos(due.0)) => master.elapse(mono(began)),
                    }
                }
            }
        };
        let failed = matches!(outcome, Err(NoReply::Timeout | NoReply::Wrong(_)));
        let is_serial = matches!(self.line.transport, Transport::Rtu(_));
        // A serial port cannot be half open; a connection can.
        if !is_serial && (failed || !self.line.keep) {
            self.port = None;
        }
        outcome
    }

    /// Opens the port where it is not, and takes what waits there.
    async fn ready(&mut self, ask: &Ask) -> Result<(), String> {
        let kept = self.port.is_some();
        if kept {
            self.drain().await;
        }
        if self.port.is_some() {
            return Ok(());
        }
        self.open(ask.timeout_ms).await?;
        let now = mono(self.began);
        // Whoever was the line's master before may have asked just now.
        self.master
            .get_or_insert_with(|| RtuMaster::new(self.timing, self.former_ms, now))
            .opened(now);
        self.drain().await;
        if self.port.is_none() {
            return Err(format!("line {}: it was closed as soon as it was open", self.line.id));
        }
        Ok(())
    }

    /// Takes what has already come. After the process stood still, a late reply may lie there although its time is
    /// over: it must be seen before the next request goes out, or it would be taken for its answer.
    async fn drain(&mut self) {
        while let (Some(port), Some(master)) = (&mut self.port, &mut self.master) {
            // Before, the runtime may not have asked the system what has come.
            yield_now().await;
            let mut chunk = [0; CHUNK];
            tokio::select! {
                biased;
                read = port.read(&mut chunk) => match read {
                    Ok(count) if count > 0 => master.received(&chunk[..count], mono(self.began)),
                    Ok(_) | Err(_) => self.port = None,
                },
                () = std::future::ready(()) => return,
            }
        }
    }

    async fn open(&mut self, timeout_ms: u64) -> Result<(), String> {
        let opening = timeout(Duration::from_millis(timeout_ms), open(&self.line)).await;
        let port = opening.map_err(|_| {
            format!("line {}: no connection within {timeout_ms} ms", self.line.id)
        })??;
        self.port = Some(port);
        sleep(Duration::from_millis(self.line.pause_after_connect_ms)).await;
        Ok(())
    }
}

fn mono(began: Instant) -> Mono {
    Mono(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX))
}
