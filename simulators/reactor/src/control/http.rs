//! The routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::state::state;
use crate::culture::Signal;
use crate::faults::FaultRequest;
use crate::live::Live;

/// The routes of a reactor's control port.
pub fn router(live: Arc<Live>) -> Router {
    Router::new()
        .route("/state", get(get_state))
        .route("/faults", post(post_fault))
        .route("/faults/{id}", delete(delete_fault))
        .route("/set", post(post_set))
        .route("/phase", post(post_phase))
        .route("/speed", post(post_speed))
        .with_state(live)
}

/// The routes of several reactors on one bus: each below `/unit/{n}`, and the first one's at the root too.
pub fn bus_router(units: &BTreeMap<u8, Arc<Live>>) -> Router {
    let first = units.values().next().map(|live| router(Arc::clone(live)));
    units.iter().fold(first.unwrap_or_default(), |routes, (unit, live)| {
        routes.nest(&format!("/unit/{unit}"), router(Arc::clone(live)))
    })
}

/// A request that cannot be done; the text says what can.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

type Answer = Result<Json<Value>, Refused>;

fn read<T: DeserializeOwned>(body: &Bytes, example: &str) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| {
        Refused(format!("the body is not what is asked for: {error}; write {example}"))
    })
}

async fn get_state(State(live): State<Arc<Live>>) -> Json<Value> {
    Json(live.with(state))
}

async fn post_fault(State(live): State<Arc<Live>>, body: Bytes) -> Answer {
    let body: Value = read(&body, r#"{"fault": "device-silent", "for_s": 10}"#)?;
    live.with(|reactor| {
        let request = FaultRequest::parse(&body, reactor.face().profile())
            .map_err(|refused| Refused(refused.to_string()))?;
        let mut answer = json!(request.fault);
        answer["id"] = json!(reactor.break_something(request));
        Ok(Json(answer))
    })
}

async fn delete_fault(State(live): State<Arc<Live>>, Path(id): Path<String>) -> Answer {
    live.with(|reactor| {
        if let Some(id) = id.parse().ok().filter(|id| reactor.mend(*id)) {
            return Ok(Json(json!({ "mended": id })));
        }
        let ids: Vec<String> =
            reactor.faults().active().iter().map(|active| active.id.to_string()).collect();
        let active = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        Err(Refused(format!("no fault has the id {id}; active are: {active}")))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetBody {
    parameter: String,
    value: f64,
}

async fn post_set(State(live): State<Arc<Live>>, body: Bytes) -> Answer {
    let SetBody { parameter, value } = read(&body, r#"{"parameter": "TEMP.SP", "value": 38.6}"#)?;
    // An unknown name is refused with the same list as a name that is no set-point.
    let signal = Signal::from_name(&parameter).filter(|signal| signal.is_set_point());
    let Some(signal) = signal else {
        let refused = crate::culture::SetPointRefused::NotASetPoint { name: parameter };
        return Err(Refused(refused.to_string()));
    };
    live.with(|reactor| reactor.set(signal, value)).map_err(|error| Refused(error.to_string()))?;
    Ok(Json(json!({ "parameter": signal.name(), "value": value, "unit": signal.unit().symbol() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhaseBody {
    phase: String,
}

async fn post_phase(State(live): State<Arc<Live>>, body: Bytes) -> Answer {
    let PhaseBody { phase } = read(&body, r#"{"phase": "expansion"}"#)?;
    live.with(|reactor| reactor.enter_phase(&phase)).map_err(|error| Refused(error.to_string()))?;
    Ok(Json(json!({ "phase": phase })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpeedBody {
    factor: f64,
}

async fn post_speed(State(live): State<Arc<Live>>, body: Bytes) -> Answer {
    let SpeedBody { factor } = read(&body, r#"{"factor": 60}"#)?;
    if live.with(|reactor| reactor.set_speed(factor)) {
        return Ok(Json(json!({ "speed": factor })));
    }
    Err(Refused(format!("factor {factor} must be 0.001 to 100000")))
}
