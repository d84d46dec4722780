//! A serial server: RTU in a TCP connection.

use std::io;

use tokio::net::TcpListener;

use super::bus::{Baud, Units, serve_connection};
use crate::modbus::listen::{Connection, listen};

/// Serves the units to whoever connects. While a fault of one of them refuses connections the port is closed.
///
/// # Errors
/// The port cannot be opened again.
pub async fn serve_tcp(listener: TcpListener, units: Units, baud: Baud) -> io::Result<()> {
    let refuses = units.watch_refusal();
    listen(listener, refuses, move |mut connection| {
        let units = units.clone();
        async move {
            let ended = serve_connection(&mut connection.0, &units, baud).await;
            Connection::end(connection, ended);
        }
    })
    .await
}
