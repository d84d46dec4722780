//! A bus with several units.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::frame::{framed, request};
use crate::faults::Reach;
use crate::live::Live;
use crate::modbus::damage::{Sending, Then};
use crate::modbus::listen::say_nothing;
use crate::reactor::Reply;

/// A request that pauses longer than this within is thrown away.
const PAUSE: Duration = Duration::from_millis(100);
/// Most frames that wait for the line; late ones beyond it are lost, the oldest first.
const FRAMES_MAX: usize = 64;
/// Bytes go out in pieces that take about this long.
const PIECE: Duration = Duration::from_millis(2);
/// Start, eight data bits, parity or second stop bit, stop.
const BITS_PER_BYTE: u32 = 11;

/// Bits in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baud(pub u32);

impl Baud {
    fn of_bytes(self, bytes: usize) -> Duration {
        let bits = u32::try_from(bytes).unwrap_or(u32::MAX).saturating_mul(BITS_PER_BYTE);
        Duration::from_secs_f64(f64::from(bits) / f64::from(self.0.max(1)))
    }
}

/// Reactors by their Modbus unit identifier, and what they say late.
#[derive(Clone, Debug)]
pub struct Units {
    units: BTreeMap<u8, Arc<Live>>,
    /// A reply that comes late goes to whoever is connected then: a serial server knows no more.
    late: broadcast::Sender<Sending>,
}

impl Units {
    /// These reactors.
    #[must_use]
    pub fn new(units: BTreeMap<u8, Arc<Live>>) -> Self {
        Self { units, late: broadcast::Sender::new(FRAMES_MAX) }
    }

    /// True while a fault of any of them refuses connections to the serial server; with the changes.
    pub(super) fn watch_refusal(&self) -> watch::Receiver<bool> {
        let sender = watch::Sender::new(false);
        let receiver = sender.subscribe();
        let mut reaches: Vec<watch::Receiver<Reach>> =
            self.units.values().map(|live| live.watch_reach()).collect();
        tokio::spawn(async move {
            loop {
                let refuses = reaches
                    .iter_mut()
                    .map(|reach| *reach.borrow_and_update() == Reach::Refused)
                    .fold(false, |any, refuses| any | refuses);
                sender.send_if_modified(|before| std::mem::replace(before, refuses) != refuses);
                let changes = reaches.iter_mut().map(|reach| Box::pin(reach.changed()));
                tokio::select! {
                    ended = first(changes.collect()) => if ended.is_err() { return },
                    () = sender.closed() => return,
                }
            }
        });
        receiver
    }

    /// Numbers of a new connection by unit, and whether nothing will ever be said on it.
    fn connected(&self) -> (BTreeMap<u8, u64>, bool) {
        let mut says_nothing = false;
        let numbers = self.units.iter().map(|(unit, live)| {
            let (number, deaf) = live.with(|reactor| reactor.connected());
            says_nothing |= deaf;
            (*unit, number)
        });
        (numbers.collect(), says_nothing)
    }

    fn is_dead(&self, numbers: &BTreeMap<u8, u64>) -> bool {
        let mut each = self.units.iter().zip(numbers.values());
        each.any(|((_, live), number)| live.with(|reactor| reactor.is_dead(*number)))
    }
}

/// The first of these that is ready.
async fn first<T, F: Future<Output = T> + Unpin>(mut futures: Vec<F>) -> T {
    std::future::poll_fn(|context| {
        for future in &mut futures {
            if let std::task::Poll::Ready(value) = std::pin::Pin::new(future).poll(context) {
                return std::task::Poll::Ready(value);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Serves the units in a connection, and says how it is to end.
///
/// # Errors
/// The connection broke.
pub(super) async fn serve_connection(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    units: &Units,
    baud: Baud,
) -> io::Result<Then> {
    let (numbers, says_nothing) = units.connected();
    if says_nothing {
        say_nothing(&mut stream).await?;
        return Ok(Then::Close);
    }
    serve_line(stream, units, &numbers, baud).await
}

/// Serves the units on a line until it is closed or a fault would end its connection, one of those with
/// `numbers`. A request to anybody else is not answered, nor is one to everybody (unit 0).
///
/// # Errors
/// The line broke.
pub(super) async fn serve_line(
    line: impl AsyncRead + AsyncWrite,
    units: &Units,
    numbers: &BTreeMap<u8, u64>,
    baud: Baud,
) -> io::Result<Then> {
    let (mut reader, writer) = tokio::io::split(line);
    let (frames, wanted) = mpsc::channel(FRAMES_MAX);
    let late = units.late.subscribe();
    tokio::select! {
        ended = listen(&mut reader, units, numbers, frames) => ended,
        ended = talk(writer, wanted, late, baud) => ended,
    }
}

async fn listen(
    reader: &mut (impl AsyncRead + Unpin),
    units: &Units,
    numbers: &BTreeMap<u8, u64>,
    frames: mpsc::Sender<Sending>,
) -> io::Result<Then> {
    let mut received = Vec::new();
    loop {
        let mut chunk = [0; 256];
        let count = if received.is_empty() {
            reader.read(&mut chunk).await?
        } else {
            match timeout(PAUSE, reader.read(&mut chunk)).await {
                Ok(read) => read?,
                Err(_) => {
                    received.clear();
                    continue;
                }
            }
        };
        if count == 0 {
            return Ok(Then::Close);
        }
        if units.is_dead(numbers) {
            say_nothing(reader).await?;
            return Ok(Then::Close);
        }
        received.extend_from_slice(&chunk[..count]);
        while let Some((unit, pdu)) = request(&mut received) {
            let Some(live) = units.units.get(&unit) else { continue };
            let Reply::Send { pdu, header, slow, late, damage } = live.with(|one| one.answer(&pdu))
            else {
                continue;
            };
            let frame = framed(unit.wrapping_add(header.unit), &pdu);
            let sending = Sending::of(frame, damage, true);
            sleep(slow).await;
            let Some(late) = late else {
                // It ends with the line, and so does this.
                drop(frames.send(sending).await);
                continue;
            };
            let whoever = units.late.clone();
            tokio::spawn(async move {
                sleep(late).await;
                // Nobody may be connected then.
                drop(whoever.send(sending));
            });
        }
    }
}

/// Sends frame after frame as fast as the line carries them.
async fn talk(
    mut writer: impl AsyncWrite + Unpin,
    mut frames: mpsc::Receiver<Sending>,
    mut late: broadcast::Receiver<Sending>,
    baud: Baud,
) -> io::Result<Then> {
    loop {
        let Sending { pieces, then } = tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => frame,
                None => return Ok(Then::Close),
            },
            frame = late.recv() => match frame {
                Ok(frame) => frame,
                Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return Ok(Then::Close),
            },
        };
        for (pause, bytes) in pieces {
            sleep(pause).await;
            pace(&mut writer, &bytes, baud).await?;
        }
        if then != Then::GoOn {
            return Ok(then);
        }
    }
}

async fn pace(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8], baud: Baud) -> io::Result<()> {
    let byte = baud.of_bytes(1);
    let piece = PIECE.as_nanos().checked_div(byte.as_nanos()).unwrap_or(u128::MAX);
    for bytes in bytes.chunks(usize::try_from(piece).unwrap_or(usize::MAX).max(1)) {
        sleep(baud.of_bytes(bytes.len())).await;
        writer.write_all(bytes).await?;
        writer.flush().await?;
    }
    Ok(())
}
