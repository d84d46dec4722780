//! Everything that the page is made of, in the binary: no other file is ever served.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// A file of the page: its path, its type, its bytes.
type Asset = (&'static str, &'static str, &'static [u8]);

const HTML: &str = "text/html; charset=utf-8";

macro_rules! asset {
    ($path:literal, $kind:expr) => {
        (concat!("/", $path), $kind, include_bytes!(concat!("assets/", $path)))
    };
}

/// The files, by path.
pub(super) const ASSETS: &[Asset] = &[asset!("index.html", HTML)];

/// The routes of the files; `/` is the page.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for (path, kind, bytes) in ASSETS {
        let file = get(move || async move { served(kind, bytes) });
        if *path == "/index.html" {
            router = router.route("/", file.clone());
        }
        router = router.route(path, file);
    }
    router
}

fn served(kind: &'static str, bytes: &'static [u8]) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes)
}
