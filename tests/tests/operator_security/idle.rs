//! Who does nothing is logged out.

use std::time::Duration;

use cellwatch_tests::http::Tab;
use cellwatch_tests::{Cases, await_until};

use super::scene::{PASSWORD, Scene};

// Req: ACC-04, ACC-06
#[test]
fn who_does_nothing_is_logged_out_and_that_is_on_record() {
    let mut cases = Cases::of("who_does_nothing_is_logged_out_and_that_is_on_record");
    let listen = "listen = \"127.0.0.1:0\"";
    let scene =
        Scene::start(|site| site.replace(listen, &format!("{listen}\nidle_logout_min = 1")));
    let quality = scene.add("quality one", "quality");
    let operator = scene.person("operator");
    // Looking is not doing: the page of whoever left goes on looking.
    await_until("the end of an idle login", Duration::from_secs(150), || {
        let room = operator.get("/api/view").json()["room"].clone();
        if room == true { Ok(()) } else { Err(room.to_string()) }
    });
    assert_eq!(operator.get("/api/trail").code(), "log-in");
    cases.tried("after a minute the room is all that is seen");

    let mut tab = Tab::new(&scene.page);
    tab.first_login("quality one", &quality, PASSWORD);
    await_until("its record", Duration::from_secs(60), || {
        let trail = tab.get("/api/trail?kind=action&person=operator").json();
        let rows = trail["rows"].as_array().cloned().unwrap_or_default();
        let is_it = |row: &serde_json::Value| {
            row["what"] == "log out" && row["comment"] == "did nothing for too long"
        };
        if rows.iter().any(is_it) { Ok(()) } else { Err(trail.to_string()) }
    });
    cases.tried("the record says who, and why");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
