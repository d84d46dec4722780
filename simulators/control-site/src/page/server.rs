//! Routes, server-sent events, headers. Read-only; there is nothing here to log in to.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cellwatch_model::Utc;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::publisher::Publisher;
use super::values::{Asked, Values};
use super::{Live, Rendered, Snapshot};
use crate::run::RunError;

/// Most pages that are open at once; further ones are told to close another.
pub const VIEWERS_MAX: usize = 64;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Shared {
    rendered: watch::Receiver<Option<Arc<Rendered>>>,
    viewers: Arc<Semaphore>,
    values: Values,
}

/// Serves the page on `listener` until `stop` says true.
///
/// # Errors
/// The database cannot be opened for reading, or the listener breaks.
pub async fn serve(
    listener: TcpListener,
    database: PathBuf,
    live: Arc<Live>,
    now: impl Fn() -> Utc + Send + Sync + 'static,
    mut stop: watch::Receiver<bool>,
) -> Result<(), RunError> {
    let publisher = Publisher::open(&database, live, now)?;
    let values = Values::open(&database)?;
    let (sender, rendered) = watch::channel(None);
    let publisher = tokio::spawn(publisher.publish(sender));
    let shared = Shared { rendered, viewers: Arc::new(Semaphore::new(VIEWERS_MAX)), values };
    let served = tokio::select! {
        served = axum::serve(listener, router(shared)) => served,
        // Event streams never end by themselves, so nothing is waited for.
        _ = stop.wait_for(|stop| *stop) => Ok(()),
    };
    publisher.abort();
    served.map_err(|cause| RunError::System { what: "the page's socket", cause })
}

fn router(shared: Shared) -> Router {
    const HTML: &str = "text/html; charset=utf-8";
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    const SVG: &str = "image/svg+xml";
    Router::new()
        .route("/", asset(HTML, include_str!("assets/index.html")))
        .route("/page.css", asset(CSS, include_str!("assets/page.css")))
        .route("/page.js", asset(JS, include_str!("assets/page.js")))
        .route("/view.js", asset(JS, include_str!("assets/view.js")))
        .route("/tile.js", asset(JS, include_str!("assets/tile.js")))
        .route("/draw.js", asset(JS, include_str!("assets/draw.js")))
        .route("/words.js", asset(JS, include_str!("assets/words.js")))
        .route("/icon.svg", asset(SVG, include_str!("assets/icon.svg")))
        .route("/events", get(events))
        .route("/api/summary", part(|snapshot| json(&snapshot.summary)))
        .route("/api/sites", part(|snapshot| json(&snapshot.sites)))
        .route("/api/units", part(|snapshot| json(&snapshot.units)))
        .route("/api/values", get(values))
        .route("/api/alarms", part(|snapshot| json(&snapshot.alarms)))
        .route("/api/proof", part(|snapshot| json(&snapshot.proof)))
        .route("/api/unsigned", part(|snapshot| json(&snapshot.unsigned)))
        .fallback(|| async {
            answer(StatusCode::NOT_FOUND, "text/plain", "there is no such page\n")
        })
        .with_state(shared)
}

fn asset(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<Shared> {
    get(move || async move { answer(StatusCode::OK, kind, text) })
}

fn part(
    of: impl Fn(&Snapshot) -> String + Clone + Send + Sync + 'static,
) -> axum::routing::MethodRouter<Shared> {
    get(move |State(shared): State<Shared>| async move {
        let mut rendered = shared.rendered;
        // The first snapshot follows within moments of the start.
        let first = rendered.wait_for(Option::is_some).await.map(|found| found.clone());
        match first {
            Ok(Some(rendered)) => {
                answer(StatusCode::OK, "application/json", of(&rendered.snapshot))
            }
            Ok(None) | Err(_) => answer(
                StatusCode::SERVICE_UNAVAILABLE,
                "text/plain",
                "the Control Site is ending\n",
            ),
        }
    })
}

async fn values(State(shared): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let words = "the values cannot be read: see the Control Site's log\n";
    match shared.values.json(asked).await {
        Some(json) => answer(StatusCode::OK, "application/json", json),
        None => answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain", words),
    }
}

fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_default()
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<String>) -> Response {
    let mut response = (status, body.into()).into_response();
    protect(&mut response);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn events(State(shared): State<Shared>) -> Response {
    let Ok(permit) = Arc::clone(&shared.viewers).try_acquire_owned() else {
        let words = "too many pages are open: close one\n";
        return answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain", words);
    };
    let mut rendered = shared.rendered;
    // The first viewer sees the present at once.
    rendered.mark_changed();
    let mut response = Sse::new(follow(rendered, permit)).into_response();
    protect(&mut response);
    response
}

fn follow(
    rendered: watch::Receiver<Option<Arc<Rendered>>>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((rendered, permit), |(mut rendered, permit)| async move {
        loop {
            rendered.changed().await.ok()?;
            let newest = rendered.borrow_and_update().clone();
            if let Some(newest) = newest {
                let event = Event::default().event("snapshot").data(&newest.json);
                return Some((Ok(event), (rendered, permit)));
            }
        }
    })
}
