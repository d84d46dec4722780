//! What is asked of the page, by subject.

pub(super) mod alarm;
pub(super) mod annunciation;
pub(super) mod batch;
mod doing;
pub(super) mod metrics;
pub(super) mod reading;
pub(super) mod result;
pub(super) mod session;
pub(super) mod view;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// JSON, as it is.
pub(super) fn json(body: impl Into<axum::body::Body>) -> Response {
    let mut response = body.into().into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
