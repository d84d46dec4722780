//! Serves the coils, and says when they change.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Coils, answer};
use crate::modbus::mbap::{HEADER_BYTES, Mbap};

/// Serves until the listener fails. `changed` is called with the coils whenever one changed; after
/// `watchdog` without a write all coils go off, as modules do that lost their master.
///
/// # Errors
/// The listener takes no more connections.
pub async fn serve(
    listener: TcpListener,
    coils: Coils,
    watchdog: Duration,
    changed: impl Fn(&[bool]) + Send + Sync + 'static,
) -> io::Result<()> {
    let changed = Arc::new(changed);
    let coils = Arc::new(Mutex::new(coils));
    let written = Arc::new(Notify::new());
    let (watched, seen, say) = (Arc::clone(&coils), Arc::clone(&written), Arc::clone(&changed));
    tokio::spawn(async move {
        loop {
            if timeout(watchdog, seen.notified()).await.is_err() {
                change(&watched, &*say, Coils::clear);
            }
        }
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let (coils, written) = (Arc::clone(&coils), Arc::clone(&written));
        let changed = Arc::clone(&changed);
        tokio::spawn(async move {
            // A connection that breaks is the other side's affair.
            let _ = connection(stream, &coils, &written, &*changed).await;
        });
    }
}

async fn connection(
    mut stream: TcpStream,
    coils: &Mutex<Coils>,
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
        let (reply, wrote) = change(coils, changed, |coils| answer(coils, &pdu));
        if wrote {
            written.notify_one();
        }
        stream.write_all(&mbap.frame(&reply)).await?;
    }
}

fn change<T>(
    coils: &Mutex<Coils>,
    changed: &(impl Fn(&[bool]) + ?Sized),
    make: impl FnOnce(&mut Coils) -> T,
) -> T {
    let mut coils = coils.lock().unwrap_or_else(PoisonError::into_inner);
    let before = coils.clone();
    let made = make(&mut coils);
    if *coils != before {
        changed(coils.on());
    }
    made
}
