//! Every route of the page beside its files.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};

use super::failure::Failure;
use super::shared::Shared;
use super::{api, assets, events, headers};

macro_rules! routes {
    ($($method:ident $path:literal $handler:path;)*) => {
        /// Every route beside the page's files: method and path.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn all() -> Router<Arc<Shared>> {
            Router::new()$(.route($path, $method($handler)))*
        }
    };
}

routes! {
    get "/api/session" api::session::show;
    post "/api/login" api::session::log_in;
    post "/api/logout" api::session::log_out;
    post "/api/password" api::session::change_password;
    post "/api/active" api::session::active;
    get "/api/view" api::view::view;
    get "/api/events" events::events;
    post "/api/alarm/acknowledge" api::alarm::acknowledge;
    post "/api/alarm/reset" api::alarm::reset;
    post "/api/alarm/shelve" api::alarm::shelve;
    post "/api/alarm/unshelve" api::alarm::unshelve;
    post "/api/alarm/take-out-of-service" api::alarm::take_out_of_service;
    post "/api/alarm/return-to-service" api::alarm::return_to_service;
    post "/api/alarm/comment" api::alarm::comment;
    post "/api/annunciation/silence" api::annunciation::silence;
    post "/api/annunciation/test" api::annunciation::test;
    post "/api/unit/comment" api::batch::comment;
    post "/api/batch/start" api::batch::start;
    post "/api/batch/end" api::batch::end;
    post "/api/batch/phase" api::batch::phase;
    post "/api/result/enter" api::result::enter;
    post "/api/result/confirm" api::result::confirm;
    post "/api/result/correct" api::result::correct;
    get "/api/trend" api::reading::trend_of;
    get "/api/alarms/history" api::reading::history;
    get "/api/batches" api::reading::batches_of;
    get "/api/trail" api::reading::trail_of;
    get "/api/trail.csv" api::reading::trail_csv;
    get "/api/trail.json" api::reading::trail_json;
    post "/api/trail/review" api::reading::review;
    get "/metrics" api::metrics::show;
}

/// The page.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    all()
        .merge(assets::routes())
        .fallback(|| async {
            Failure::new(StatusCode::NOT_FOUND, "not-found", "there is no such page")
        })
        .method_not_allowed_fallback(|| async {
            let message = "this is not how it is asked";
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
        })
        .layer(middleware::from_fn(headers::protect))
        .with_state(shared)
}
