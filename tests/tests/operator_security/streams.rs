//! Event streams: as many as there is room for, and what they carry.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use cellwatch_daemon::page::{STREAMS_MAX, STREAMS_RESERVED};
use cellwatch_tests::Cases;
use serde_json::{Value, json};

use super::scene::Scene;
use cellwatch_tests::http::{Page, Tab};

/// An event stream that has begun, or what was said instead.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(page: &Page, cookie: &str) -> (u16, Self) {
        let mut stream = page.connect();
        let host = &page.0;
        let request =
            format!("GET /api/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut stream = Self(BufReader::new(stream));
        let status = stream.line().split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.unwrap_or(0), stream)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let _ = self.0.read_line(&mut line);
        line.trim_end().to_owned()
    }

    /// The next event of this name; none when the stream ends.
    fn event(&mut self, name: &str) -> Option<Value> {
        let mut line = String::new();
        let mut is_it = false;
        while self.0.read_line(&mut line).ok()? > 0 {
            if let Some(its) = line.strip_prefix("event: ") {
                is_it = its.trim_end() == name;
            } else if let Some(data) = line.strip_prefix("data: ").filter(|_| is_it) {
                return serde_json::from_str(data).ok();
            }
            line.clear();
        }
        None
    }
}

// Req: PAGE-01, PAGE-02
#[test]
fn five_hundred_pages_and_no_more() {
    let mut cases = Cases::of("five_hundred_pages_and_no_more");
    let scene = Scene::start(|site| site);
    let operator = scene.person("operator");
    let cookie = operator.cookie.clone().expect("a cookie");

    let (status, mut full) = Stream::open(&scene.page, &cookie);
    assert_eq!(status, 200);
    let view = full.event("view").expect("a view at once");
    assert_eq!((&view["room"], &view["units"][0]["id"]), (&json!(false), &json!("BX-01")));
    assert!(full.event("heartbeat").is_some());
    let later = full.event("view").expect("a later view");
    assert!(later["now_ms"].as_i64() > view["now_ms"].as_i64(), "time goes on");
    cases.tried("a stream of someone logged in");

    let mut open: Vec<Stream> = Vec::new();
    let of_the_room = STREAMS_MAX - STREAMS_RESERVED;
    while open.len() < of_the_room {
        let (status, stream) = Stream::open(&scene.page, "");
        assert_eq!(status, 200, "stream {}", open.len() + 2);
        open.push(stream);
    }
    cases.tried_many(of_the_room, "streams without login at once");
    let refused = Tab::new(&scene.page).get("/api/events");
    assert_eq!((refused.status, refused.code().as_str()), (503, "busy"));
    assert!(refused.text().contains("close one"), "{}", refused.text());
    cases.tried("one more is refused with words");
    // Those places are not for the room: whoever is logged in comes in, up to the bound.
    let mut logged_in: Vec<Stream> = Vec::new();
    while logged_in.len() + 1 < STREAMS_RESERVED {
        let (status, stream) = Stream::open(&scene.page, &cookie);
        assert_eq!(status, 200, "stream {} of people", logged_in.len() + 2);
        logged_in.push(stream);
    }
    assert_eq!(operator.get("/api/events").code(), "busy", "the last place is taken");
    drop(logged_in);
    cases.tried_many(STREAMS_RESERVED, "streams of people who are logged in");
    for one in [0, of_the_room / 2, of_the_room - 1] {
        let view = open[one].event("view").expect("a view");
        assert_eq!(view["room"], true, "nobody is logged in there");
        cases.tried(format_args!("stream {one} has its view"));
    }
    // The others are served, and may act.
    let comment = json!({ "unit": "BX-01", "comment": "busy day" });
    assert_eq!(operator.post("/api/unit/comment", &comment).status, 200);
    cases.tried("an action meanwhile");
    open.clear();
    cellwatch_tests::await_until("room again", std::time::Duration::from_secs(60), || {
        let (status, _) = Stream::open(&scene.page, "");
        if status == 200 { Ok(()) } else { Err(status.to_string()) }
    });
    cases.tried("room again when they are gone");

    // Whoever logs out sees no more of what only people who are logged in may see.
    assert_eq!(operator.post("/api/logout", &json!({})).status, 200);
    let ended = full.event("session").expect("told why");
    assert_eq!(ended["ended"], "logout");
    assert!(full.event("view").is_none(), "and then it ends");
    cases.tried("a stream whose login is over");
    assert_eq!(scene.agent.terminate(), Some(0), "a clean end");
}
