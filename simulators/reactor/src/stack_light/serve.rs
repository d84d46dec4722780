//! Serves the outputs, and says when they change.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Outputs, answer};
use crate::modbus::mbap::{HEADER_BYTES, Mbap};

/// Serves until the listener fails. `changed` is called with the outputs whenever one changed; after
/// `watchdog` without a write all go off, as modules do that lost their master.
///
/// # Errors
/// The listener takes no more connections.
pub async fn serve(
    listener: TcpListener,
    outputs: Outputs,
    watchdog: Duration,
    changed: impl Fn(&[bool]) + Send + Sync + 'static,
) -> io::Result<()> {
    let changed = Arc::new(changed);
    let outputs = Arc::new(Mutex::new(outputs));
    let written = Arc::new(Notify::new());
    let (watched, seen, say) = (Arc::clone(&outputs), Arc::clone(&written), Arc::clone(&changed));
    tokio::spawn(async move {
        loop {
            if timeout(watchdog, seen.notified()).await.is_err() {
                change(&watched, &*say, Outputs::clear);
            }
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let (outputs, written) = (Arc::clone(&outputs), Arc::clone(&written));
        let changed = Arc::clone(&changed);
        tokio::spawn(async move {
            // A connection that breaks is the other side's affair.
            let _ = connection(stream, &outputs, &written, &*changed).await;
        });
    }
}

async fn connection(
    mut stream: TcpStream,
    outputs: &Mutex<Outputs>,
    written: &Notify,
    changed: &(impl Fn(&[bool]) + ?Sized),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let mut header = [0; HEADER_BYTES];
        stream.read_exact(&mut header).await?;
        let Some(mbap) = Mbap::parse(header) else { return Ok(()) };
        let mut pdu = vec![0; mbap.pdu_bytes];
        stream.read_exact(&mut pdu).await?;
        let (reply, wrote) = change(outputs, changed, |outputs| answer(outputs, &pdu));
        if wrote {
            written.notify_one();
        }
        stream.write_all(&mbap.frame(&reply)).await?;
    }
}

fn change<T>(
    outputs: &Mutex<Outputs>,
    changed: &(impl Fn(&[bool]) + ?Sized),
    make: impl FnOnce(&mut Outputs) -> T,
) -> T {
    let mut outputs = outputs.lock().unwrap_or_else(PoisonError::into_inner);
    let before = outputs.clone();
    let made = make(&mut outputs);
    if *outputs != before {
        changed(outputs.on());
    }
    made
}
