//! Processes: ready, ended by themselves, ended when asked, killed when deaf.
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_demo::process::{Child, ChildError, Ended, Starter};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    async fn start(&self, name: &str, script: &str) -> Result<Child, ChildError> {
        let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
        let starter = Starter { demo, logs: self.folder.path() };
        let arguments = ["-c", script].map(OsString::from);
        starter.start(name, Path::new("/bin/sh"), &arguments).await
    }
}

/// Only ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn says_where_it_is_and_ends_when_asked() {
    let place = Place::new();
    let script = r#"echo hello; echo '{"ready": true, "mqtt": "127.0.0.1:1"}'; echo on; exec tail -f /dev/null"#;
    let child = place.start("polite", script).await.unwrap();
    assert!(child.runs());
    assert_eq!(child.address("mqtt").unwrap(), "127.0.0.1:1");
    let missing = child.address("http").unwrap_err().to_string();
    assert!(missing.contains("polite does not say where its http is"), "{missing}");
    assert_eq!(child.end(PATIENCE).await, Ended::Clean);
    assert!(!child.runs());
    let log = std::fs::read_to_string(place.log("polite")).unwrap();
    assert!(log.starts_with("hello\n"), "what is not JSON goes to the log: {log}");
    println!("polite process: 5 cases");
}

#[tokio::test]
async fn tells_the_end_of_the_log_of_who_ends_by_itself() {
    let place = Place::new();
    let early = place.start("early", "echo 'no such key' >&2; exit 2").await.unwrap_err();
    let words = early.to_string();
    for word in ["early ended by itself", "exit status: 2", "no such key"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    let ready = r#"echo '{"ready": true}'; echo 'out of luck' >&2; exit 1"#;
    let late = place.start("late", ready).await.unwrap();
    late.ended().await;
    let words = late.why_it_ended().to_string();
    assert!(words.contains("late ended by itself") && words.contains("out of luck"), "{words}");
    let missing = place.start("missing", "exec /nonexistent/program").await.unwrap_err();
    assert!(matches!(missing, ChildError::Ended { .. }), "{missing}");
    println!("ended processes: 3 cases");
}

#[tokio::test]
async fn kills_who_does_not_hear() {
    let place = Place::new();
    let deaf = r#"trap '' TERM; echo '{"ready": true}'; while :; do sleep 1; done"#;
    let child = place.start("deaf", deaf).await.unwrap();
    assert_eq!(child.end(Duration::from_millis(200)).await, Ended::Killed);
    assert!(!child.runs());
    println!("deaf process: 2 cases");
}

#[tokio::test]
async fn the_broker_says_what_is_missing() {
    let place = Place::new();
    let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
    let starter = Starter { demo, logs: place.folder.path() };
    let arguments =
        ["broker", "--authority", "/none/ca.pem", "--certificate", "c", "--private-key", "k"]
            .map(OsString::from);
    let error = starter.start("broker", demo, &arguments).await.unwrap_err().to_string();
    assert!(
        error.contains("exit status: 2") && error.contains("cannot read /none/ca.pem"),
        "{error}"
    );
    println!("broker without files: 1 case");
}
