//! A serial server: RTU in a TCP connection.

use std::io;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::bus::{Baud, Units, serve};
use crate::modbus::server::MAX_CONNECTIONS;

/// Serves the units to whoever connects.
///
/// # Errors
/// No connection can be taken any more.
pub async fn serve_tcp(listener: TcpListener, units: Units, baud: Baud) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                if connections.len() >= MAX_CONNECTIONS {
                    tracing::warn!(%peer, "closed: {MAX_CONNECTIONS} connections are open");
                    continue;
                }
                stream.set_nodelay(true)?;
                let units = units.clone();
                connections.spawn(async move {
                    if let Err(error) = serve(stream, &units, baud).await {
                        tracing::debug!(%peer, %error, "closed");
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
