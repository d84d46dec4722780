//! HTTP/1.1 by hand: what no well-behaved client would send as well.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Bounds a failing test only.
const SOON: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status; 0 where there was no answer.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, chunks put together.
    pub body: Vec<u8>,
}

impl Answer {
    /// Takes an answer apart.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = end.map_or((bytes, &b""[..]), |end| (&bytes[..end], &bytes[end + 4..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let chunked =
            headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { unchunked(body) } else { body.to_vec() };
        Self { status: status.unwrap_or(0), headers, body }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(its, _)| its == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The code of an error.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The session id that it sets.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let set = self.header("set-cookie")?;
        Some(set.split(';').next()?.to_owned())
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&rest[..end]).ok();
        let length = length.and_then(|text| usize::from_str_radix(text, 16).ok()).unwrap_or(0);
        let Some(chunk) = rest.get(end + 2..end + 2 + length).filter(|_| length > 0) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + length..).unwrap_or_default();
    }
    body
}

/// Where the page is: host and port.
#[derive(Clone, Debug)]
pub struct Page(
    /// Both, with a colon between.
    pub String,
);

impl Page {
    /// A connection.
    ///
    /// # Panics
    /// Nobody listens.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.0).expect("the page listens");
        stream.set_read_timeout(Some(SOON)).expect("a timeout");
        stream
    }

    /// Sends these bytes and reads until the other end closes. What cannot be sent any more was not wanted.
    #[must_use]
    pub fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// A request with these headers; the answer.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text += &format!("Host: {}\r\n", self.0);
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if method == "POST" {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        text += "\r\n";
        Answer::of(&self.raw(format!("{text}{body}").as_bytes()))
    }

    /// Its origin, as a browser sends it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.0)
    }
}

/// A browser's tab: a cookie and a token.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Where the page is.
    pub page: Page,
    /// The session.
    pub cookie: Option<String>,
    /// The token that every change must show.
    pub csrf: String,
}

impl Tab {
    /// One without a session.
    #[must_use]
    pub fn new(page: &Page) -> Self {
        Self { page: page.clone(), cookie: None, csrf: String::new() }
    }

    /// Reads.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        let cookie = self.cookie.clone().unwrap_or_default();
        self.page.ask("GET", path, &[("Cookie", &cookie)], "")
    }

    /// Asks for something to be done.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let (cookie, origin) = (self.cookie.clone().unwrap_or_default(), self.page.origin());
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Origin", &origin),
            ("Content-Type", "application/json"),
            ("X-Cellwatch-CSRF", &self.csrf),
        ];
        self.page.ask("POST", path, &headers, &body.to_string())
    }

    /// Takes the session of an answer up.
    pub fn take(&mut self, answer: &Answer) {
        self.cookie = answer.cookie().or(self.cookie.take());
        self.csrf = answer.json()["csrf"].as_str().unwrap_or_default().to_owned();
    }

    /// Logs in with a one-time password and changes it to `password`.
    ///
    /// # Panics
    /// One of the two is refused.
    pub fn first_login(&mut self, name: &str, one_time: &str, password: &str) {
        assert_eq!(self.log_in(name, one_time).status, 200, "{name} logs in");
        let body = serde_json::json!({ "old": one_time, "new": password });
        let changed = self.post("/api/password", &body);
        assert_eq!(changed.status, 200, "{}", changed.text());
        self.take(&changed);
    }

    /// Logs in, and takes the session up.
    pub fn log_in(&mut self, name: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "name": name, "password": password });
        let answer = self.post("/api/login", &body);
        if answer.status == 200 {
            self.take(&answer);
        }
        answer
    }
}
