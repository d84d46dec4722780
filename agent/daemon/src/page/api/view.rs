//! The view, once.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::json;
use crate::page::failure::Failure;
use crate::page::shared;

pub(in crate::page) async fn view(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let visitor = shared.visitor(&parts)?;
    let settled = visitor.session.as_ref().is_some_and(|session| !session.must_change);
    if !settled && !shared.facts.room_overview {
        return Err(visitor.settled().err().unwrap_or_else(Failure::log_in));
    }
    let rendered = shared.rendering.glance().await.ok_or_else(|| {
        let message = "the agent's loop does not answer: look at its log";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "stands", message)
    })?;
    Ok(json(rendered.json(!settled)))
}
