//! One connection.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::limits::{HEADER_MAX, HEADER_WITHIN, TLS_WITHIN};
use super::patience::Patience;
use super::shared::Peer;
use super::tls::TlsFiles;

/// Serves a connection to its end. What is wrong with it is the peer's affair.
pub(super) async fn serve(
    stream: TcpStream,
    from: IpAddr,
    tls: Option<Arc<TlsFiles>>,
    router: Router,
) {
    // Events go out one by one, and at once.
    let _ = stream.set_nodelay(true);
    match tls {
        None => http(stream, from, router).await,
        Some(files) => {
            let Ok(Ok(stream)) = timeout(TLS_WITHIN, files.acceptor().accept(stream)).await else {
                tracing::debug!("{from}: no TLS came about");
                return;
            };
            http(stream, from, router).await;
        }
    }
}

async fn http<T>(stream: T, from: IpAddr, router: Router)
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(from));
        router.clone().call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WITHIN)
        .max_buf_size(HEADER_MAX)
        .serve_connection(TokioIo::new(Patience::new(stream)), service)
        .await;
    if let Err(error) = served {
        tracing::debug!("{from}: {error}");
    }
}

/// Tells a peer for which there is no room, as far as it takes that at once.
pub(super) async fn refuse(mut stream: TcpStream) {
    const WORDS: &str = "{\"error\":{\"code\":\"busy\",\"message\":\"too many connections are open here: close a page\",\"retry_after_ms\":null},\"seq\":null}";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n{WORDS}",
        WORDS.len()
    );
    let _ = timeout(TLS_WITHIN, async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}
