//! Takes connections, as many as there is room for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::connection::{refuse, serve};
use super::limits::CONNECTIONS_MAX;
use super::tls::TlsFiles;

/// Refusals under way at once; beyond it a connection is closed without words.
const REFUSALS_MAX: usize = 64;
/// After a failure to take a connection (no file descriptors left), it is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// Serves for ever.
pub(super) async fn listen(listener: TcpListener, tls: Option<Arc<TlsFiles>>, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    loop {
        let accepted: io::Result<_> = listener.accept().await;
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("the operator page cannot take a connection: {error}");
                tokio::time::sleep(TRY_AGAIN).await;
                continue;
            }
        };
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            let (tls, router) = (tls.clone(), router.clone());
            tokio::spawn(async move {
                serve(stream, from.ip(), tls, router).await;
                drop(place);
            });
        } else if let Some(place) =
            Arc::clone(&refusals).try_acquire_owned().ok().filter(|_| tls.is_none())
        {
            tokio::spawn(async move {
                refuse(stream).await;
                drop(place);
            });
        }
    }
}
