//! The process, and messages that end with a zero byte (DevTools protocol, `--remote-debugging-pipe`).

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Page;
use crate::await_until;

/// Longest time for an answer; a machine that builds something else beside it is slow.
pub(super) const SOON: Duration = Duration::from_secs(60);
/// A browser for tests: nothing that speaks to anybody but the page under test.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
];

/// A browser that ends with its owner.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    pipe: Arc<Mutex<Sender>>,
    heard: Arc<Mutex<Heard>>,
    _profile: TempDir,
}

#[derive(Debug)]
struct Sender {
    stdin: Option<ChildStdin>,
    last_id: u64,
}

#[derive(Debug, Default)]
struct Heard {
    answers: BTreeMap<u64, Value>,
    events: Vec<Value>,
}

impl Browser {
    /// Starts it; what it complains of goes to `browser.log` in `folder`.
    ///
    /// # Panics
    /// It is not installed or does not start.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let profile = tempfile::Builder::new().prefix("cellwatch-browser-").tempdir();
        let profile = profile.expect("a folder");
        let log = File::options().create(true).append(true).open(folder.join("browser.log"));
        let program = env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
        // It reads messages from descriptor 3 and writes them to 4.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2"#]).arg(program);
        command.args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.expect("a log file"))
            .spawn()
            .unwrap_or_else(|error| panic!("the browser cannot be started: {error}"));
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let heard = Arc::new(Mutex::new(Heard::default()));
        let filled = Arc::clone(&heard);
        // Ends with the pipe, that is with the browser.
        std::thread::spawn(move || {
            for message in BufReader::new(stdout).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice::<Value>(&message) else { continue };
                let mut heard = filled.lock().unwrap_or_else(PoisonError::into_inner);
                match message["id"].as_u64() {
                    Some(id) => drop(heard.answers.insert(id, message)),
                    None => heard.events.push(message),
                }
            }
        });
        let pipe = Arc::new(Mutex::new(Sender { stdin: child.stdin.take(), last_id: 0 }));
        Self { child, pipe, heard, _profile: profile }
    }

    /// A new tab with a session of its own: no cookie of another one is in it.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn page(&self) -> Page<'_> {
        let context = self.ask(None, "Target.createBrowserContext", &json!({}));
        let target = self.ask(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context["browserContextId"] }),
        );
        let attached = self.ask(
            None,
            "Target.attachToTarget",
            &json!({ "targetId": target["targetId"], "flatten": true }),
        );
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        Page::new(self, text(&attached["sessionId"]), text(&context["browserContextId"]))
    }

    /// Sends a command, and gives its result.
    pub(super) fn ask(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        match self.try_ask(session, method, parameters) {
            Ok(result) => result,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    fn try_ask(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, String> {
        let id = {
            let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
            pipe.last_id += 1;
            let id = pipe.last_id;
            let mut message = json!({ "id": id, "method": method, "params": parameters });
            if let Some(session) = session {
                message["sessionId"] = json!(session);
            }
            let stdin = pipe.stdin.as_mut().expect("open as long as the browser is");
            write!(stdin, "{message}\0").and_then(|()| stdin.flush()).map_err(|error| {
                format!("the browser has ended: {error}; its last words are in browser.log")
            })?;
            id
        };
        let answer = await_until(method, SOON, || {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.answers.remove(&id).ok_or("no answer")
        });
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Events of a session, and of none other, taken from what was heard.
    pub(super) fn events(&self, session: &str, method: &str) -> Vec<Value> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |event: &Value| event["sessionId"] == session && event["method"] == method;
        let (taken, left) = heard.events.drain(..).partition(is_it);
        heard.events = left;
        taken
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when its pipe does; killed, it would leave children behind.
        drop(self.pipe.lock().unwrap_or_else(PoisonError::into_inner).stdin.take());
        let _ = self.child.wait();
    }
}
