//! Figures for whoever collects metrics.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::page::failure::Failure;
use crate::page::shared;

/// What Prometheus reads (exposition format 0.0.4).
const KIND: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(in crate::page) async fn show(State(shared): shared::State) -> Result<Response, Failure> {
    if !shared.facts.metrics {
        let message = "metrics are not served: page.metrics of the site file is false";
        return Err(Failure::new(StatusCode::NOT_FOUND, "not-found", message));
    }
    let text = shared.metrics.borrow().clone().ok_or_else(|| {
        let message = "nothing has been measured yet: ask again in half a minute";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not-yet", message)
    })?;
    Ok(([(header::CONTENT_TYPE, KIND)], text).into_response())
}
