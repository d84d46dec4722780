//! The event stream: views, heartbeats of the page's own thread, and why a login is over.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::failure::Failure;
use super::limits::HEARTBEAT;
use super::renderer::Looker;
use super::shared::{self, Shared};

/// What a stream goes on with.
struct Following {
    shared: Arc<Shared>,
    looker: Looker,
    heartbeat: Interval,
    /// Number of the last view.
    last: u64,
    /// The login that it belongs to; none for the room.
    session: Option<String>,
    over: bool,
    _places: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

pub(super) async fn events(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let visitor = shared.visitor(&parts)?;
    let settled = visitor.session.as_ref().filter(|session| !session.must_change);
    if settled.is_none() && !shared.facts.room_overview {
        return Err(visitor.settled().err().unwrap_or_else(Failure::log_in));
    }
    let place = |places: &Arc<Semaphore>| {
        let place = Arc::clone(places).try_acquire_owned();
        place.map_err(|_| Failure::busy("too many pages are open here: close one"))
    };
    let of_the_room = settled.is_none().then(|| place(&shared.room_streams)).transpose()?;
    let places = (place(&shared.streams)?, of_the_room);
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let following = Following {
        looker: shared.rendering.look(),
        session: visitor.id.clone().filter(|_| settled.is_some()),
        shared: Arc::clone(&shared),
        heartbeat,
        last: 0,
        over: false,
        _places: places,
    };
    let mut response =
        Body::from_stream(stream::unfold(following, |following| following.next())).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

impl Following {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.over {
            return None;
        }
        if let Some(why) = self.why_over() {
            self.over = true;
            let event = format!("event: session\ndata: {{\"ended\":\"{why}\"}}\n\n");
            return Some((Ok(Bytes::from(event)), self));
        }
        let event = tokio::select! {
            biased;
            view = self.looker.next(self.last) => {
                let view = view?;
                self.last = view.number();
                view.event(self.session.is_none())
            }
            _ = self.heartbeat.tick() => {
                let now_ms = jiff::Timestamp::now().as_millisecond();
                Bytes::from(format!("event: heartbeat\ndata: {{\"now_ms\":{now_ms}}}\n\n"))
            }
        };
        Some((Ok(event), self))
    }

    fn why_over(&self) -> Option<&'static str> {
        let id = self.session.as_deref()?;
        let now = self.shared.now();
        let sessions = self.shared.sessions();
        if sessions.find(id, now).is_some() {
            return None;
        }
        Some(sessions.why_ended(id).map_or("idle", super::sessions::Ended::word))
    }
}
