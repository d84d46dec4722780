//! A port that takes connections, unless a fault refuses them.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::damage::Then;

/// Most connections at a time; further ones are closed at once.
pub const MAX_CONNECTIONS: usize = 32;

/// Takes connections until the returned future is dropped. While `refuses` is true the port is closed, and
/// opened again afterwards. `serve` says how a connection is to end.
///
/// # Errors
/// The port cannot be opened again.
pub(super) async fn listen<F>(
    listener: TcpListener,
    mut refuses: watch::Receiver<bool>,
    serve: impl Fn(Connection) -> F,
) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = listener.local_addr()?;
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
                    tracing::debug!(%peer, "connected");
                    stream.set_nodelay(true)?;
                    connections.spawn(serve(Connection(stream)));
                }
                Ok((_, peer)) => tracing::warn!(%peer, "closed: {MAX_CONNECTIONS} connections are open"),
                Err(error) => tracing::warn!(%error, "a connection could not be taken"),
            },
            Some(_) = connections.join_next() => {}
        }
        listener = Some(open);
    }
}

/// A connection that was taken.
#[derive(Debug)]
pub(super) struct Connection(pub(super) TcpStream);

impl Connection {
    /// Ends it, as `ended` says.
    pub(super) fn end(self, ended: io::Result<Then>) {
        match ended {
            Ok(Then::Reset) => {
                if let Err(error) = self.0.set_zero_linger() {
                    tracing::debug!(%error, "closed, since it cannot be reset");
                }
            }
            Ok(Then::GoOn | Then::Close) => tracing::debug!("closed"),
            Err(error) => tracing::debug!(%error, "closed"),
        }
    }
}

/// Takes whatever comes and says nothing, until the other end closes.
///
/// # Errors
/// The connection broke.
pub(super) async fn say_nothing(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut chunk = [0; 256];
    while reader.read(&mut chunk).await? > 0 {}
    Ok(())
}
