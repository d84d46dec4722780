//! The listener and its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::mbap::{HEADER_BYTES, Mbap};
use crate::live::Live;
use crate::reactor::Reply;

/// Most connections at a time; further ones are closed at once.
pub const MAX_CONNECTIONS: usize = 32;
/// Most replies held back on one connection; further requests then wait.
pub const MAX_LATE_REPLIES: usize = 64;

/// Serves a reactor until the returned future is dropped. While a fault refuses connections, the port is
/// closed, and opened again afterwards.
///
/// # Errors
/// The port cannot be opened again.
pub async fn serve(listener: TcpListener, live: Arc<Live>) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut refuses = live.watch_refusal();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        if *refuses.borrow_and_update() {
            listener = None;
            connections.shutdown().await;
            if refuses.changed().await.is_err() {
                return Ok(());
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => TcpListener::bind(address).await?,
        };
        tokio::select! {
            changed = refuses.changed() => if changed.is_err() { return Ok(()) },
            accepted = open.accept() => match accepted {
                Ok((stream, peer)) if connections.len() < MAX_CONNECTIONS => {
                    take(&mut connections, stream, peer, &live);
                }
                Ok((_, peer)) => tracing::warn!(%peer, "closed: {MAX_CONNECTIONS} connections are open"),
                Err(error) => tracing::warn!(%error, "a connection could not be taken"),
            },
            Some(_) = connections.join_next() => {}
        }
        listener = Some(open);
    }
}

fn take(connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr, live: &Arc<Live>) {
    live.with(|reactor| reactor.counters.connections += 1);
    tracing::debug!(%peer, "connected");
    let live = Arc::clone(live);
    connections.spawn(async move {
        match connection(stream, &live).await {
            Ok(()) => tracing::debug!(%peer, "closed"),
            Err(error) => tracing::debug!(%peer, %error, "closed"),
        }
    });
}

async fn connection(stream: TcpStream, live: &Live) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(Mutex::new(writer));
    let mut late_replies = JoinSet::new();
    loop {
        let mut bytes = [0; HEADER_BYTES];
        match reader.read_exact(&mut bytes).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let Some(header) = Mbap::parse(bytes) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a Modbus TCP header"));
        };
        let mut pdu = vec![0; header.pdu_bytes];
        reader.read_exact(&mut pdu).await?;
        match live.with(|reactor| reactor.answer(&pdu)) {
            Reply::Silent => {}
            Reply::Send { pdu, header: changes, slow, late } => {
                let changed = Mbap {
                    transaction: header.transaction.wrapping_add(changes.transaction),
                    unit: header.unit.wrapping_add(changes.unit),
                    ..header
                };
                let frame = changed.frame(&pdu);
                tokio::time::sleep(slow).await;
                let Some(late) = late else {
                    writer.lock().await.write_all(&frame).await?;
                    continue;
                };
                if late_replies.len() >= MAX_LATE_REPLIES {
                    late_replies.join_next().await;
                }
                late_replies.spawn(send_late(Arc::clone(&writer), frame, late));
            }
        }
        while late_replies.try_join_next().is_some() {}
    }
}

async fn send_late(writer: Arc<Mutex<OwnedWriteHalf>>, frame: Vec<u8>, late: std::time::Duration) {
    tokio::time::sleep(late).await;
    if let Err(error) = writer.lock().await.write_all(&frame).await {
        tracing::debug!(%error, "a late reply found its connection closed");
    }
}
