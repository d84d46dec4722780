//! A bus with several units.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::frame::{framed, request};
use crate::live::Live;
use crate::reactor::Reply;

/// A request that pauses longer than this within is thrown away.
const PAUSE: Duration = Duration::from_millis(100);
/// Most frames that wait for the line.
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

/// Reactors by their Modbus unit identifier.
#[derive(Clone, Debug)]
pub struct Units(BTreeMap<u8, Arc<Live>>);

impl Units {
    /// These reactors.
    #[must_use]
    pub const fn new(units: BTreeMap<u8, Arc<Live>>) -> Self {
        Self(units)
    }

    fn get(&self, unit: u8) -> Option<&Arc<Live>> {
        self.0.get(&unit)
    }
}

/// Serves the units on a line until it is closed. A request to anybody else is not answered, nor is one
/// to everybody (unit 0).
///
/// # Errors
/// The line broke.
pub async fn serve(line: impl AsyncRead + AsyncWrite, units: &Units, baud: Baud) -> io::Result<()> {
    let (mut reader, writer) = tokio::io::split(line);
    let (frames, wanted) = mpsc::channel(FRAMES_MAX);
    tokio::select! {
        ended = listen(&mut reader, units, frames) => ended,
        ended = talk(writer, wanted, baud) => ended,
    }
}

async fn listen(
    reader: &mut (impl AsyncRead + Unpin),
    units: &Units,
    frames: mpsc::Sender<Vec<u8>>,
) -> io::Result<()> {
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
            return Ok(());
        }
        received.extend_from_slice(&chunk[..count]);
        while let Some((unit, pdu)) = request(&mut received) {
            let Some(live) = units.get(unit) else { continue };
            let Reply::Send { pdu, header, slow, late } = live.with(|one| one.answer(&pdu)) else {
                continue;
            };
            let frame = framed(unit.wrapping_add(header.unit), &pdu);
            sleep(slow).await;
            let frames = frames.clone();
            let send = async move { frames.send(frame).await };
            match late {
                None => drop(send.await),
                Some(late) => drop(tokio::spawn(async move {
                    sleep(late).await;
                    // Nobody may be listening any more.
                    drop(send.await);
                })),
            }
        }
    }
}

/// Sends frame after frame as fast as the line carries them.
async fn talk(
    mut writer: impl AsyncWrite + Unpin,
    mut frames: mpsc::Receiver<Vec<u8>>,
    baud: Baud,
) -> io::Result<()> {
    while let Some(frame) = frames.recv().await {
        let byte = baud.of_bytes(1);
        let piece = PIECE.as_nanos().checked_div(byte.as_nanos()).unwrap_or(u128::MAX);
        for bytes in frame.chunks(usize::try_from(piece).unwrap_or(usize::MAX).max(1)) {
            sleep(baud.of_bytes(bytes.len())).await;
            writer.write_all(bytes).await?;
            writer.flush().await?;
        }
    }
    Ok(())
}
