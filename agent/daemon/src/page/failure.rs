//! What went wrong with a request, in words and in a code.

use axum::http::StatusCode;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is not carried out.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The record of the attempt.
    pub(super) seq: Option<u64>,
    pub(super) retry_after_ms: Option<u64>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), seq: None, retry_after_ms: None }
    }

    pub(super) fn not_understood(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "not-understood", message)
    }

    pub(super) fn log_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "log-in", "log in to see and do this")
    }

    pub(super) fn csrf(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", message)
    }

    pub(super) fn ending() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ending", "cellwatch is ending")
    }

    pub(super) fn busy(message: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    pub(super) fn recorded(self, seq: u64) -> Self {
        Self { seq: Some(seq), ..self }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, code, message, seq, retry_after_ms } = self;
        let body = json!({
            "error": { "code": code, "message": message, "retry_after_ms": retry_after_ms },
            "seq": seq,
        });
        let mut response = (status, body.to_string()).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
