//! Guessing passwords.

use std::collections::BTreeSet;

use cellwatch_tests::Cases;
use serde_json::{Value, json};

use super::scene::{PASSWORD, Scene};
use cellwatch_tests::http::Tab;

/// Wrong passwords of an account in a row before it is locked.
const FREE: usize = 5;

// Req: ACC-02, ACC-03
#[test]
fn guessing_is_slowed_down_and_tells_nothing() {
    let mut cases = Cases::of("guessing_is_slowed_down_and_tells_nothing");
    let scene = Scene::start(|site| site);
    let quality = scene.person("quality");
    let mut operator = scene.person("operator");

    // A name that somebody has and one that nobody has: the same words, the same lock.
    let mut told = BTreeSet::new();
    for name in ["operator one", "nobody at all"] {
        let tab = Tab::new(&scene.page);
        for guess in 0..FREE {
            let body = json!({ "name": name, "password": format!("wrong guess {guess}") });
            let answer = tab.post("/api/login", &body);
            assert_eq!((answer.status, answer.code().as_str()), (401, "wrong"), "{name} {guess}");
            let mut said = answer.json();
            said["seq"] = Value::Null;
            told.insert(said.to_string());
        }
        let body = json!({ "name": name, "password": PASSWORD });
        let locked = tab.post("/api/login", &body);
        assert_eq!((locked.status, locked.code().as_str()), (429, "locked"), "{name}");
        let retry_ms = locked.json()["error"]["retry_after_ms"].as_u64().unwrap_or(0);
        assert!((1..=900_000).contains(&retry_ms), "{name}: {retry_ms} ms");
        cases.tried_many(FREE + 1, format_args!("{name} is guessed, and locked"));
    }
    assert_eq!(told.len(), 1, "one answer for both: {told:?}");
    cases.tried("the same words for a name that nobody has");

    // What was typed as a name may be a password: it is on record nowhere.
    let trail = quality.get("/api/trail?kind=action").json();
    let rows = trail["rows"].as_array().expect("rows");
    assert!(!trail.to_string().contains("nobody at all"), "{trail}");
    let refused = rows.iter().filter(|row| row["what"] == "log in" && row["refusal"].is_string());
    assert_eq!(refused.count(), 2 * FREE, "each refusal is on record: {trail}");
    assert!(!trail.to_string().contains("wrong guess"), "no password is on record");
    cases.tried("every refusal is on record, without what was typed");

    // Whoever is logged in stays so, but the password cannot be guessed there either.
    assert_eq!(operator.get("/api/view").json()["room"], false);
    let confirm =
        json!({ "unit": "BX-01", "alarm": "TEMP.HH", "comment": "seen", "password": PASSWORD });
    assert_eq!(operator.post("/api/alarm/acknowledge", &confirm).code(), "locked");
    let trail = quality.get("/api/trail?kind=action").json();
    let newest = &trail["rows"][0];
    assert_eq!(
        (&newest["what"], &newest["target"]),
        (&json!("acknowledge"), &json!("BX-01/TEMP.HH"))
    );
    let why = newest["refusal"].as_str().unwrap_or_default();
    assert!(why.contains("too many wrong passwords"), "{newest}");
    cases.tried_many(2, "a locked account cannot confirm, and that is on record");

    // Somebody in charge lets the account in again, with a new password.
    let reset = scene.operators(&[
        "reset",
        "operator one",
        "--by",
        "Greta Admin",
        "--reason",
        "called",
        "--json",
    ]);
    assert_eq!(reset.status, Some(0), "{reset}");
    let told: Value = serde_json::from_str(&reset.stdout).expect("JSON");
    let first = told["one_time_password"].as_str().expect("a password");
    assert_eq!(operator.log_in("operator one", first).status, 200);
    cases.tried("reset ends the lock");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}

// Req: ACC-05
#[test]
fn a_critical_alarm_wants_the_password_again() {
    let mut cases = Cases::of("a_critical_alarm_wants_the_password_again");
    let scene = Scene::start(|site| site);
    let operator = scene.person("operator");
    cellwatch_tests::await_until("the alarm", std::time::Duration::from_secs(60), || {
        let view = operator.get("/api/view").json();
        let stands = view["urgent"] == json!({ "unit": "BX-01", "alarm": "TEMP.HH" });
        if stands { Ok(()) } else { Err(view["alarms"].to_string()) }
    });
    let ask = |comment: &str, password: Option<&str>| {
        let mut body = json!({ "unit": "BX-01", "alarm": "TEMP.HH", "comment": comment });
        if let Some(password) = password {
            body["password"] = json!(password);
        }
        let answer = operator.post("/api/alarm/acknowledge", &body);
        (answer.status, answer.code(), answer.json()["seq"].as_u64().is_some())
    };
    let attempts = [
        ("", None, (409, "refused")),
        ("", Some(PASSWORD), (409, "refused")),
        ("seen", None, (422, "confirm")),
        ("seen", Some("another one entirely"), (422, "confirm-wrong")),
        ("relay swapped", Some(PASSWORD), (200, "")),
        ("relay swapped", Some(PASSWORD), (409, "refused")),
    ];
    for (comment, password, (status, code)) in attempts {
        let answer = ask(comment, password);
        assert_eq!(answer, (status, code.to_owned(), true), "{comment:?} {password:?}");
        cases.tried(format_args!("{comment:?}, {}: {status} {code}", password.is_some()));
    }
    let quality = scene.person("quality");
    let trail = quality.get("/api/trail?kind=action").json();
    let rows = trail["rows"].as_array().expect("rows");
    let refusals = rows.iter().filter(|row| row["what"] == "acknowledge");
    let refusals: Vec<&str> = refusals.filter_map(|row| row["refusal"].as_str()).collect();
    let told = |words: &str| refusals.iter().filter(|why| why.contains(words)).count();
    assert_eq!(told("the password is wrong"), 1, "{refusals:?}");
    assert_eq!(told("give your password again"), 1, "{refusals:?}");
    cases.tried("the trail tells a wrong password from none");
    let view = operator.get("/api/view").json();
    let said = &view["alarms"][0]["said"];
    assert_eq!(
        (&said["name"], &said["comment"]),
        (&json!("operator one"), &json!("relay swapped")),
        "{view}"
    );
    cases.tried("the view says who, and what was said");
    let room = Tab::new(&scene.page).get("/api/view").json();
    for secret in ["operator one", "relay swapped"] {
        assert!(!room.to_string().contains(secret), "{secret}: {room}");
        cases.tried(format_args!("the room is not told {secret:?}"));
    }
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
