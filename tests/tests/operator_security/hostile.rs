//! Text that is a script, paths that lead elsewhere, requests that are too large or never end.

use std::io::{Read, Write};

use cellwatch_daemon::page::{BODY_MAX, HEADER_MAX};
use cellwatch_tests::Cases;
use serde_json::json;

use super::scene::{SCRIPT, Scene};
use cellwatch_tests::http::{Answer, Tab};

/// Header and what it says, of every answer.
const HEADERS: [(&str, &[&str]); 5] = [
    (
        "content-security-policy",
        &[
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        ],
    ),
    ("x-content-type-options", &["nosniff"]),
    ("x-frame-options", &["DENY"]),
    ("referrer-policy", &["no-referrer"]),
    ("cache-control", &["no-store"]),
];

fn is_protected(what: &str, answer: &Answer) {
    for (name, words) in HEADERS {
        let value = answer.header(name).unwrap_or_else(|| panic!("{what}: no {name}"));
        assert!(words.iter().all(|word| value.contains(word)), "{what}: {name}: {value}");
        assert!(!value.contains("unsafe"), "{what}: {name}: {value}");
    }
}

// Req: PAGE-04, PAGE-06
#[test]
fn text_stays_data() {
    let mut cases = Cases::of("text_stays_data");
    let scene = Scene::start(|site| site);
    let operator = scene.person("operator");

    for path in ["/", "/api/session", "/api/view", "/main.js", "/nowhere", "/api/trail"] {
        is_protected(path, &scene.page.ask("GET", path, &[], ""));
        cases.tried(format_args!("headers of {path}"));
    }
    let page = scene.page.ask("GET", "/", &[], "").text();
    for inline in ["<script>", "<style", " style=", "javascript:", " onclick="] {
        assert!(!page.contains(inline), "{inline}");
        cases.tried(format_args!("no {inline:?} in the page"));
    }

    // A unit's name, a comment, a batch id, a name at the login: stored and returned as data.
    let view = operator.get("/api/view");
    assert_eq!(view.header("content-type"), Some("application/json"));
    assert_eq!(view.json()["units"][0]["name"], SCRIPT);
    cases.tried("a unit's name");
    let comment = format!("{SCRIPT}\"'=cmd|' /C calc'!A0");
    let said = operator.post("/api/unit/comment", &json!({ "unit": "BX-01", "comment": comment }));
    assert_eq!(said.status, 200, "{}", said.text());
    let trail = operator.get("/api/trail?kind=action&text=script");
    assert_eq!(trail.json()["rows"][0]["comment"], json!(comment));
    assert_eq!(trail.header("content-type"), Some("application/json"));
    let csv = operator.get("/api/trail.csv?kind=action");
    assert!(csv.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    assert!(csv.header("content-disposition").is_some_and(|one| one.starts_with("attachment")));
    is_protected("csv", &csv);
    cases.tried("a comment, in the trail and its export");
    let batch = operator.post("/api/batch/start", &json!({ "unit": "BX-01", "batch": SCRIPT }));
    assert_eq!(batch.status, 409, "{}", batch.text());
    let trail = operator.get("/api/trail?kind=action&text=start").json();
    assert_eq!(trail["rows"][0]["new"], json!(null), "a refused id is repeated nowhere: {trail}");
    cases.tried("a batch id");
    let long = "x".repeat(1001);
    let answer = operator.post("/api/unit/comment", &json!({ "unit": "BX-01", "comment": long }));
    assert_eq!(answer.status, 400);
    cases.tried("a comment that is too long");
    let sql = operator.get("/api/trail?unit=BX-01%27%20OR%201%3D1%20--&text=%25%27");
    assert_eq!(sql.json()["rows"], json!([]), "{}", sql.text());
    cases.tried("a query for a database");
    for name in [SCRIPT, "../../etc/passwd", "x", "-rf", "a\u{0}b"] {
        let added = scene.operators(&[
            "add",
            &name.replace('\0', "?"),
            "--role",
            "viewer",
            "--by",
            "Greta Admin",
            "--reason",
            "test",
        ]);
        assert_eq!(added.status, Some(if name == "-rf" { 2 } else { 1 }), "{name:?}: {added}");
        cases.tried(format_args!("the account name {name:?}"));
    }
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}

// Req: PAGE-04
#[test]
fn no_path_leads_elsewhere_and_no_request_is_too_much() {
    let mut cases = Cases::of("no_path_leads_elsewhere_and_no_request_is_too_much");
    let scene = Scene::start(|site| site);
    let tab = Tab::new(&scene.page);
    for path in [
        "/../site.toml",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/vendor/../../Cargo.toml",
        "/assets/index.html",
        "/.git/config",
        "/main.js%00.css",
        "/vendor/",
        "/data/state.db",
        "http://127.0.0.1/etc/passwd",
    ] {
        let answer = tab.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        cases.tried(path);
    }
    for (method, path) in [
        ("PUT", "/api/view"),
        ("DELETE", "/api/trail"),
        ("POST", "/api/view"),
        ("GET", "/api/login"),
        ("TRACE", "/"),
    ] {
        let answer = scene.page.ask(method, path, &[], "");
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
        cases.tried(format_args!("{method} {path}"));
    }

    // Too large: body, declared body, headers.
    let headers =
        [("Origin", scene.page.origin()), ("Content-Type", "application/json".to_owned())];
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let large = format!("{{\"name\":\"{}\",\"password\":\"\"}}", "x".repeat(BODY_MAX));
    let answer = scene.page.ask("POST", "/api/login", &headers, &large);
    assert_eq!(answer.code(), "too-large", "{}", answer.text());
    cases.tried("a large body");
    let host = &scene.page.0;
    let declared = format!(
        "POST /api/login HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n{{}}"
    );
    assert_eq!(Answer::of(&scene.page.raw(declared.as_bytes())).status, 413);
    cases.tried("a body that says it is large");
    let header = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nX-Large: {}\r\n\r\n",
        "x".repeat(2 * HEADER_MAX)
    );
    assert_eq!(Answer::of(&scene.page.raw(header.as_bytes())).status, 431);
    cases.tried("large headers");

    // What is no HTTP at all, or two requests in one.
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let answer = Answer::of(&scene.page.raw(bytes));
        assert!([0, 400, 505].contains(&answer.status), "{bytes:?}: {}", answer.status);
        cases.tried("no HTTP");
    }
    let smuggled = format!(
        "POST /api/login HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /api/trail HTTP/1.1\r\nHost: {host}\r\n\r\n"
    );
    let answer = String::from_utf8_lossy(&scene.page.raw(smuggled.as_bytes())).into_owned();
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "one answer: {answer}");
    cases.tried("two lengths");

    // Slow: headers that do not end, a body that does not come. Each is ended by the server, and others are served
    // meanwhile.
    let mut slow = scene.page.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").expect("sent");
    let mut half = scene.page.connect();
    let begun = format!(
        "POST /api/login HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{{\"na"
    );
    half.write_all(begun.as_bytes()).expect("sent");
    assert_eq!(tab.get("/api/session").status, 200, "others are served");
    let mut answer = Vec::new();
    let _ = half.read_to_end(&mut answer);
    assert_eq!(Answer::of(&answer).code(), "too-slow");
    cases.tried("a body that does not come");
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!([0, 408].contains(&Answer::of(&answer).status), "ended without the page");
    cases.tried("headers that do not end");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
