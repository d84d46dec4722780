//! What listens: it hands bytes on to the server, or does not, as the faults say.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::server::{Options, Running};
use crate::faults::Damage;
use crate::live::Live;

/// Most connections at a time; further ones are closed at once.
const CONNECTIONS_MAX: usize = 32;
/// Pieces of what the server says that may be held back; with more, it waits.
const HELD_MAX: usize = 256;

/// Serves a reactor until the returned future is dropped. While a fault refuses connections the port is
/// closed; what the server knew of sessions and subscriptions ends with it.
///
/// # Errors
/// The port cannot be opened again, or the server does not start.
pub async fn serve(listener: TcpListener, live: Arc<Live>, options: Options) -> io::Result<()> {
    let public = listener.local_addr()?;
    let mut listener = Some(listener);
    let mut absent = live.watch_absence();
    let mut life = live.watch_server();
    loop {
        while *absent.borrow_and_update() {
            listener = None;
            changed(&mut absent).await;
        }
        life.mark_unchanged();
        let open = match listener.take() {
            Some(open) => open,
            None => TcpListener::bind(public).await?,
        };
        let mut server = Running::start(&live, public, &options).await?;
        let behind = server.address;
        tokio::select! {
            () = server.keep_showing(&live) => {}
            served = take(&open, behind, &live) => served?,
            () = changed(&mut absent) => {}
            () = changed(&mut life) => {}
        }
        listener = Some(open);
    }
}

async fn changed<T>(what: &mut watch::Receiver<T>) {
    if what.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Takes connections; those that are open end with this future.
async fn take(listener: &TcpListener, behind: SocketAddr, live: &Arc<Live>) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (near, peer) = accepted?;
                if connections.len() >= CONNECTIONS_MAX {
                    tracing::warn!(%peer, "closed: {CONNECTIONS_MAX} connections are open");
                    continue;
                }
                connections.spawn(connection(near, behind, Arc::clone(live)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(near: TcpStream, behind: SocketAddr, live: Arc<Live>) -> io::Result<()> {
    let (number, says_nothing) = live.with(|reactor| reactor.connected());
    near.set_nodelay(true)?;
    if says_nothing {
        return swallow(near).await;
    }
    let far = TcpStream::connect(behind).await?;
    far.set_nodelay(true)?;
    let (mut near_read, near_write) = near.into_split();
    let (far_read, mut far_write) = far.into_split();
    let (hold, held) = mpsc::channel(HELD_MAX);
    tokio::select! {
        heard = tokio::io::copy(&mut near_read, &mut far_write) => heard.map(drop),
        listened = listen(far_read, hold, &live) => listened,
        said = say(held, near_write, number, &live) => said,
    }
}

/// Takes whatever comes and says nothing.
async fn swallow(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

/// Takes what the server says; each piece may go on once its time has come.
async fn listen(
    mut from: OwnedReadHalf,
    hold: mpsc::Sender<(Instant, Vec<u8>)>,
    live: &Live,
) -> io::Result<()> {
    let mut bytes = [0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await?;
        let conduct = live.with(|reactor| reactor.faults().conduct());
        let due = Instant::now() + conduct.slow + conduct.late.unwrap_or_default();
        if count == 0 || hold.send((due, bytes[..count].to_vec())).await.is_err() {
            return Ok(());
        }
    }
}

/// Hands on what the server says, as the faults of this moment let it.
async fn say(
    mut held: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    number: u64,
    live: &Live,
) -> io::Result<()> {
    while let Some((due, bytes)) = held.recv().await {
        tokio::time::sleep_until(due).await;
        let (conduct, is_dead) =
            live.with(|reactor| (reactor.faults().conduct(), reactor.is_dead(number)));
        if conduct.silent || is_dead {
            continue;
        }
        match conduct.damage {
            Some(Damage::Reset) => {
                to.as_ref().set_zero_linger()?;
                return Ok(());
            }
            Some(Damage::Closed | Damage::Cut) => {
                to.write_all(&bytes[..bytes.len() / 2]).await?;
                if conduct.damage == Some(Damage::Closed) {
                    return Ok(());
                }
            }
            Some(Damage::GarbageBefore) => {
                to.write_all(&[0x55; 3]).await?;
                to.write_all(&bytes).await?;
            }
            Some(Damage::GarbageAfter) => {
                to.write_all(&bytes).await?;
                to.write_all(&[0x55; 3]).await?;
            }
            // The protocol is a stream: pieces are as good as the whole, and it has no CRC.
            Some(Damage::Split | Damage::Merged | Damage::Crc) | None => {
                to.write_all(&bytes).await?;
            }
        }
    }
    Ok(())
}
