//! Requests that another site makes a browser send, and sessions that somebody else chose.

use cellwatch_tests::Cases;
use serde_json::json;

use super::scene::{PASSWORD, Scene};
use cellwatch_tests::http::Tab;

// Req: PAGE-03
#[test]
fn only_the_page_itself_acts() {
    let mut cases = Cases::of("only_the_page_itself_acts");
    let scene = Scene::start(|site| site);
    let operator = scene.person("operator");
    let (page, cookie, csrf) =
        (&scene.page, operator.cookie.clone().expect("a cookie"), operator.csrf.clone());
    let body = json!({ "unit": "BX-01", "comment": "forged" }).to_string();
    let origin = page.origin();
    let json_type = ("Content-Type", "application/json");
    let attempts: [(&str, Vec<(&str, &str)>); 7] = [
        ("without the token", vec![("Origin", &origin), json_type]),
        ("with another token", vec![("Origin", &origin), ("X-Cellwatch-CSRF", "00"), json_type]),
        (
            "from another origin",
            vec![("Origin", "http://evil.example"), ("X-Cellwatch-CSRF", &csrf), json_type],
        ),
        ("from a sandbox", vec![("Origin", "null"), ("X-Cellwatch-CSRF", &csrf), json_type]),
        ("without origin", vec![("X-Cellwatch-CSRF", &csrf), json_type]),
        (
            "from a sister site",
            vec![
                ("Origin", &origin),
                ("Sec-Fetch-Site", "same-site"),
                ("X-Cellwatch-CSRF", &csrf),
                json_type,
            ],
        ),
        (
            "as a form",
            vec![
                ("Origin", &origin),
                ("X-Cellwatch-CSRF", &csrf),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
        ),
    ];
    for (name, headers) in attempts {
        let headers: Vec<_> = headers.into_iter().chain([("Cookie", cookie.as_str())]).collect();
        let answer = page.ask("POST", "/api/unit/comment", &headers, &body);
        assert!([400, 403].contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
        cases.tried(name);
    }
    let trail = operator.get("/api/trail?kind=action&text=forged").json();
    assert_eq!(trail["rows"].as_array().map(Vec::len), Some(0), "nothing was done: {trail}");
    cases.tried("nothing of it on record");

    // Another name that leads here (DNS rebinding).
    let answer = page.ask("GET", "/api/view", &[("Host", "evil.example")], "");
    assert_eq!(answer.status, 421, "{}", answer.text());
    cases.tried("another host name");
    assert_eq!(
        operator.post("/api/unit/comment", &json!({ "unit": "BX-01", "comment": "mine" })).status,
        200
    );
    cases.tried("the page itself");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}

// Req: PAGE-03, ACC-04
#[test]
fn a_login_has_a_session_of_its_own() {
    let mut cases = Cases::of("a_login_has_a_session_of_its_own");
    let scene = Scene::start(|site| site);
    let first = scene.add("maria", "operator");

    // An id that somebody planted is not taken up.
    let planted = format!("cellwatch={}", "ab".repeat(32));
    let mut tab = Tab { cookie: Some(planted.clone()), ..Tab::new(&scene.page) };
    let answer = tab.log_in("maria", &first);
    let set = answer.header("set-cookie").expect("a cookie").to_owned();
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(word), "{set}");
    }
    assert_ne!(tab.cookie.as_deref(), Some(planted.as_str()));
    let victim = Tab { cookie: Some(planted), ..Tab::new(&scene.page) };
    assert_eq!(victim.get("/api/session").json()["person"], json!(null));
    cases.tried("a planted session id");

    // The first password opens nothing but its change.
    assert_eq!(answer.json()["person"]["must_change_password"], true);
    let early = json!({ "unit": "BX-01", "comment": "early" });
    assert_eq!(tab.post("/api/unit/comment", &early).code(), "password");
    assert_eq!(tab.get("/api/trail").code(), "password");
    assert_eq!(tab.get("/api/view").json()["room"], true, "as for nobody");
    cases.tried("nothing before the password is changed");
    let long = "x".repeat(200);
    for (what, new) in [
        ("short", "short"),
        ("the name", "maria maria maria"),
        ("one letter", "aaaaaaaaaaaaaa"),
        ("long", &long),
        ("the same", &first),
    ] {
        let answer = tab.post("/api/password", &json!({ "old": first, "new": new }));
        assert_eq!(answer.code(), "refused", "{what}");
        cases.tried(format_args!("a new password that is {what}"));
    }
    let before = tab.clone();
    let changed = tab.post("/api/password", &json!({ "old": first, "new": PASSWORD }));
    assert_eq!(changed.status, 200, "{}", changed.text());
    tab.take(&changed);
    assert_ne!(tab.cookie, before.cookie, "a new id");
    assert_eq!(before.get("/api/session").json()["person"], json!(null), "the one before is over");
    assert_eq!(tab.get("/api/view").json()["room"], false);
    cases.tried("a new session with the new password");

    // A second tab; a disabled account is out at once, in both.
    let mut second = Tab::new(&scene.page);
    assert_eq!(second.log_in("Maria ", PASSWORD).status, 200, "however the name is written");
    let disabled =
        scene.operators(&["disable", "maria", "--by", "Greta Admin", "--reason", "has left"]);
    assert_eq!(disabled.status, Some(0), "{disabled}");
    for one in [&tab, &second] {
        assert_eq!(one.get("/api/session").json()["person"], json!(null));
        cases.tried("a session of a disabled account");
    }
    assert_eq!(second.log_in("maria", PASSWORD).code(), "wrong");
    cases.tried("a login of a disabled account");

    // Logging out ends it at the server.
    let mut other = scene.person("quality");
    let old = other.clone();
    let out = other.post("/api/logout", &json!({}));
    other.take(&out);
    assert_eq!(old.get("/api/trail").code(), "log-in");
    cases.tried("a session that was logged out");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
