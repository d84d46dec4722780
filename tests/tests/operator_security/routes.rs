//! Every route, every role, and nobody.

use serde_json::{Value, json};

/// What each answers: by nobody, and by viewer, operator, supervisor, maintenance, quality.
///
/// `ok` is let through (200, or refused by the core for what it asked: 409, or the password asked for: 422), `role` is
/// refused for the role on record, `login` wants a login, `-` is not asked.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
    pub(crate) body: fn() -> Value,
    pub(crate) nobody: &'static str,
    pub(crate) roles: [&'static str; 5],
}

const ALL: [&str; 5] = ["ok"; 5];
const LEADERS: [&str; 5] = ["role", "ok", "ok", "role", "role"];
/// Whoever stands before the stack light: all but those who only read.
const HANDS: [&str; 5] = ["role", "ok", "ok", "ok", "role"];
const MAINTENANCE: [&str; 5] = ["role", "role", "role", "ok", "role"];
const QUALITY: [&str; 5] = ["role", "role", "role", "role", "ok"];

fn nothing() -> Value {
    json!({})
}

fn alarm() -> Value {
    json!({ "unit": "BX-01", "alarm": "NO.SUCH", "comment": "looked at" })
}

const fn get(path: &'static str, query: &'static str, nobody: &'static str) -> Route {
    Route { method: "GET", path, query, body: nothing, nobody, roles: ALL }
}

const fn post(path: &'static str, body: fn() -> Value, roles: [&'static str; 5]) -> Route {
    Route { method: "POST", path, query: "", body, nobody: "login", roles }
}

/// The table.
pub(crate) const TABLE: &[Route] = &[
    get("/api/session", "", "ok"),
    get("/api/view", "", "ok"),
    // Switched off unless the site file says otherwise.
    Route {
        method: "GET",
        path: "/metrics",
        query: "",
        body: nothing,
        nobody: "else",
        roles: ["else"; 5],
    },
    get("/api/trend", "?unit=BX-01&parameter=TEMP.PV&from_ms=0&to_ms=1000", "login"),
    get("/api/alarms/history", "", "login"),
    get("/api/batches", "", "login"),
    get("/api/trail", "", "login"),
    get("/api/trail.csv", "", "login"),
    get("/api/trail.json", "", "login"),
    post("/api/active", nothing, ALL),
    post("/api/alarm/acknowledge", alarm, LEADERS),
    post("/api/alarm/reset", alarm, LEADERS),
    post(
        "/api/alarm/shelve",
        || json!({ "unit": "BX-01", "alarm": "NO.SUCH", "for_ms": 60_000, "one_shot": true, "comment": "c" }),
        LEADERS,
    ),
    post("/api/alarm/unshelve", alarm, LEADERS),
    post("/api/alarm/take-out-of-service", alarm, MAINTENANCE),
    post("/api/alarm/return-to-service", alarm, MAINTENANCE),
    post("/api/alarm/comment", alarm, ALL),
    post("/api/annunciation/silence", nothing, HANDS),
    post("/api/annunciation/test", nothing, HANDS),
    post("/api/unit/comment", || json!({ "unit": "BX-01", "comment": "quiet" }), ALL),
    post("/api/batch/start", || json!({ "unit": "NONE", "batch": "" }), LEADERS),
    post("/api/batch/end", || json!({ "unit": "NONE" }), LEADERS),
    post("/api/batch/phase", || json!({ "unit": "NONE", "phase": "culture" }), LEADERS),
    post(
        "/api/result/enter",
        || json!({ "unit": "NONE", "parameter": "VCD", "value": 1.0, "unit_of_measure": "°C", "sampled_ms": null }),
        LEADERS,
    ),
    post("/api/result/confirm", || json!({ "unit": "NONE", "result": "NONE/VCD/1" }), LEADERS),
    post(
        "/api/result/correct",
        || json!({ "unit": "NONE", "result": "NONE/VCD/1", "value": 1.0 }),
        LEADERS,
    ),
    post(
        "/api/trail/review",
        || json!({ "unit": null, "batch": null, "first_seq": 1, "last_seq": 2, "comment": "read" }),
        QUALITY,
    ),
];

/// Those that are tried in tests of their own: they begin, renew or end a login, or never end.
pub(crate) const ELSEWHERE: [&str; 4] =
    ["/api/login", "/api/logout", "/api/password", "/api/events"];
