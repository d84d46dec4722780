//! Modbus TCP: a listener and its connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::damage::{Sending, Then};
use super::listen::{Connection, listen, say_nothing};
use super::mbap::{HEADER_BYTES, Mbap};
use crate::live::Live;
use crate::reactor::Reply;

/// Most replies held back on one connection; further requests then wait.
pub const MAX_LATE_REPLIES: usize = 64;

/// Serves a reactor until the returned future is dropped. While a fault refuses connections, the port is
/// closed, and opened again afterwards.
///
/// # Errors
/// The port cannot be opened again.
pub async fn serve(listener: TcpListener, live: Arc<Live>) -> io::Result<()> {
    let refuses = live.watch_absence();
    listen(listener, refuses, move |mut connection| {
        let live = Arc::clone(&live);
        async move {
            let ended = serve_connection(&mut connection.0, &live).await;
            Connection::end(connection, ended);
        }
    })
    .await
}

async fn serve_connection(stream: &mut TcpStream, live: &Live) -> io::Result<Then> {
    let (number, says_nothing) = live.with(|reactor| reactor.connected());
    let (mut reader, writer) = stream.split();
    if says_nothing {
        say_nothing(&mut reader).await?;
        return Ok(Then::Close);
    }
    let (frames, wanted) = mpsc::channel(MAX_LATE_REPLIES);
    tokio::select! {
        ended = hear(&mut reader, live, number, frames) => ended,
        ended = say(writer, wanted) => ended,
    }
}

async fn hear(
    reader: &mut ReadHalf<'_>,
    live: &Live,
    number: u64,
    frames: mpsc::Sender<Sending>,
) -> io::Result<Then> {
    let mut late_replies = JoinSet::new();
    loop {
        let mut bytes = [0; HEADER_BYTES];
        match reader.read_exact(&mut bytes).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Then::Close),
            Err(error) => return Err(error),
        }
        if live.with(|reactor| reactor.is_dead(number)) {
            say_nothing(reader).await?;
            return Ok(Then::Close);
        }
        let Some(header) = Mbap::parse(bytes) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a Modbus TCP header"));
        };
        let mut pdu = vec![0; header.pdu_bytes];
        reader.read_exact(&mut pdu).await?;
        let Reply::Send { pdu, header: changes, slow, late, damage } =
            live.with(|reactor| reactor.answer(&pdu))
        else {
            continue;
        };
        let changed = Mbap {
            transaction: header.transaction.wrapping_add(changes.transaction),
            unit: header.unit.wrapping_add(changes.unit),
            ..header
        };
        let sending = Sending::of(changed.frame(&pdu), damage, false);
        sleep(slow).await;
        let frames = frames.clone();
        let Some(late) = late else {
            // It ends with the connection, and so does this.
            drop(frames.send(sending).await);
            continue;
        };
        while late_replies.len() >= MAX_LATE_REPLIES {
            late_replies.join_next().await;
        }
        late_replies.spawn(send_late(frames, sending, late));
        while late_replies.try_join_next().is_some() {}
    }
}

async fn send_late(frames: mpsc::Sender<Sending>, sending: Sending, late: Duration) {
    sleep(late).await;
    // Nobody may be connected any more.
    drop(frames.send(sending).await);
}

async fn say(mut writer: WriteHalf<'_>, mut wanted: mpsc::Receiver<Sending>) -> io::Result<Then> {
    while let Some(Sending { pieces, then }) = wanted.recv().await {
        for (pause, bytes) in pieces {
            sleep(pause).await;
            writer.write_all(&bytes).await?;
        }
        if then != Then::GoOn {
            return Ok(then);
        }
    }
    Ok(Then::Close)
}
