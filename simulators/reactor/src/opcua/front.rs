//! What listens: it hands bytes on to the server, or does not, as the faults say.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::server::{Options, Running};
use crate::faults::Damage;
use crate::live::Live;

/// Most connections at a time; further ones are closed at once.
const CONNECTIONS_MAX: usize = 32;

/// Serves a reactor until the returned future is dropped. While a fault refuses connections the port is
/// closed. The server ends with it, its sessions and subscriptions are forgotten, and the next one has
/// its namespaces in another order.
///
/// # Errors
/// The port cannot be opened again, or the server does not start.
pub async fn serve(listener: TcpListener, live: Arc<Live>, options: Options) -> io::Result<()> {
    let public = listener.local_addr()?;
    let mut listener = Some(listener);
    let mut absent = live.watch_absence();
    let mut turned = false;
    loop {
        while *absent.borrow_and_update() {
            listener = None;
            changed(&mut absent).await;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => TcpListener::bind(public).await?,
        };
        let mut server = Running::start(&live, public, &options, turned).await?;
        let behind = server.address;
        tokio::select! {
            () = server.keep_showing(&live) => {}
            served = take(&open, behind, &live) => served?,
            () = changed(&mut absent) => {}
        }
        if *absent.borrow() {
            drop(open);
            turned = !turned;
        } else {
            listener = Some(open);
        }
    }
}

async fn changed(absent: &mut watch::Receiver<bool>) {
    if absent.changed().await.is_err() {
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
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let ended = tokio::select! {
        ended = hear(near_read, far_write) => ended,
        ended = say(far_read, near_write, number, &live) => ended,
    };
    ended.map(drop)
}

/// Takes whatever comes and says nothing.
async fn swallow(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

async fn hear(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<u64> {
    tokio::io::copy(&mut from, &mut to).await
}

/// Hands on what the server says, as the faults of this moment let it.
async fn say(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: u64,
    live: &Live,
) -> io::Result<u64> {
    let mut bytes = [0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await?;
        if count == 0 {
            return Ok(0);
        }
        let (conduct, is_dead) =
            live.with(|reactor| (reactor.faults().conduct(), reactor.is_dead(number)));
        if conduct.silent || is_dead {
            continue;
        }
        tokio::time::sleep(conduct.slow + conduct.late.unwrap_or_default()).await;
        match conduct.damage {
            Some(Damage::Reset) => {
                to.as_ref().set_zero_linger()?;
                return Ok(0);
            }
            Some(Damage::Closed | Damage::Cut) => {
                to.write_all(&bytes[..count / 2]).await?;
                if conduct.damage == Some(Damage::Closed) {
                    return Ok(0);
                }
            }
            Some(Damage::GarbageBefore) => {
                to.write_all(&[0x55; 3]).await?;
                to.write_all(&bytes[..count]).await?;
            }
            Some(Damage::GarbageAfter) => {
                to.write_all(&bytes[..count]).await?;
                to.write_all(&[0x55; 3]).await?;
            }
            // The protocol is a stream: pieces are as good as the whole, and it has no CRC.
            Some(Damage::Split | Damage::Merged | Damage::Crc) | None => {
                to.write_all(&bytes[..count]).await?;
            }
        }
    }
}
