//! The operator page against people who may not, and against those who would.

mod forgery;
mod hostile;
mod idle;
mod lockout;
mod routes;
mod scene;
mod streams;

use std::time::Duration;

use cellwatch_daemon::page::ROUTES;
use cellwatch_tests::http::Tab;
use cellwatch_tests::{Cases, await_until};

use routes::{ELSEWHERE, TABLE};
use scene::{ROLES, Scene};

/// Every route × every role × nobody: the table is the test.
// Req: ACC-01, PAGE-01
#[test]
fn every_route_asks_who() {
    let mut cases = Cases::of("every_route_asks_who");
    for (method, path) in ROUTES {
        let tried =
            TABLE.iter().any(|one| one.path == *path && one.method.eq_ignore_ascii_case(method));
        assert!(tried || ELSEWHERE.contains(path), "{method} {path} is in no table");
    }
    let scene = Scene::start(|site| site);
    let nobody = Tab::new(&scene.page);
    let people = ROLES.map(|role| (role, scene.person(role)));
    for route in TABLE {
        let path = format!("{}{}", route.path, route.query);
        let ask = |tab: &Tab| match route.method {
            "GET" => tab.get(&path),
            _ => tab.post(&path, &(route.body)()),
        };
        let said = |tab: &Tab| {
            let answer = ask(tab);
            let word = match (answer.status, answer.code().as_str()) {
                (200, _) | (409, "refused") | (422, "confirm") => "ok",
                (403, "role") => "role",
                (401, "log-in") => "login",
                (403, "csrf") => "csrf",
                _ => "else",
            };
            (word, format!("{} {}", answer.status, answer.text()))
        };
        let (word, answer) = said(&nobody);
        assert_eq!(word, route.nobody, "nobody: {path}: {answer}");
        cases.tried(format_args!("{path}: nobody is told {word}"));
        for ((role, tab), expected) in people.iter().zip(route.roles) {
            let (word, answer) = said(tab);
            assert_eq!(word, expected, "{role}: {path}: {answer}");
            cases.tried(format_args!("{path}: {role} is told {word}"));
        }
    }
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}

/// Where they are switched on, figures are there for everyone, and tell of no person; that there is nothing of batches in them is the core's own test.
// Req: OBS-01
#[test]
fn metrics_are_served_where_they_are_switched_on() {
    let mut cases = Cases::of("metrics_are_served_where_they_are_switched_on");
    let listen = "listen = \"127.0.0.1:0\"";
    let on = |site: String| site.replace(listen, &format!("{listen}\nmetrics = true"));
    let scene = Scene::start(on);
    let _person = scene.person("operator");
    let nobody = Tab::new(&scene.page);
    let mut text = String::new();
    await_until("the first figures", Duration::from_secs(60), || {
        let answer = nobody.get("/metrics");
        text = answer.text();
        if answer.status == 200 { Ok(()) } else { Err(format!("{} {text}", answer.status)) }
    });
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("cellwatch_"), "{line}");
        assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
    }
    for expected in [
        "# TYPE cellwatch_device_polls_total counter",
        "cellwatch_device_answers{device=",
        "cellwatch_device_skipped_total{device=",
        "cellwatch_backlog_records ",
        "cellwatch_durable_through ",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
        cases.tried(expected);
    }
    assert!(!text.contains("batch") && !text.contains("operator one"), "{text}");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}

/// With the overview switched off, nobody sees anything without a login.
// Req: PAGE-02
#[test]
fn the_room_overview_can_be_switched_off() {
    let mut cases = Cases::of("the_room_overview_can_be_switched_off");
    let listen = "listen = \"127.0.0.1:0\"";
    let off = |site: String| site.replace(listen, &format!("{listen}\nroom_overview = false"));
    let scene = Scene::start(off);
    let nobody = Tab::new(&scene.page);
    for path in ["/api/view", "/api/events"] {
        assert_eq!(nobody.get(path).code(), "log-in", "{path}");
        cases.tried(path);
    }
    assert_eq!(nobody.get("/api/session").json()["room_overview"], false);
    let viewer = scene.person("viewer");
    assert_eq!(viewer.get("/api/view").json()["room"], false);
    cases.tried("a viewer sees everything");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
