//! A program that runs beside the test.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::await_until;

/// Longest time for any program to get ready or to end.
const SOON: Duration = Duration::from_secs(60);

/// A program that runs beside the test, and ends with it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Arc<Mutex<Vec<String>>>,
    log: PathBuf,
}

impl Process {
    /// Starts it. Standard error goes to `NAME.log` in `folder`; each start appends.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(name: &str, folder: &Path, mut command: Command) -> Self {
        let log = folder.join(format!("{name}.log"));
        let errors = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: cannot be started: {error}"));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let filled = Arc::clone(&lines);
        // Ends with the pipe, that is with the process.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                filled.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Self { name: name.to_owned(), child, stdin, lines, log }
    }

    /// What it has printed, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it has written to standard error.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Awaits a line of JSON with `"ready": true`.
    ///
    /// # Panics
    /// It does not come, or the program ends.
    #[must_use]
    pub fn ready(&mut self) -> Value {
        self.answer("ready", |answer| answer["ready"] == true)
    }

    /// Awaits that it is ready, and says true, or that it ends before, and says false.
    ///
    /// # Panics
    /// Neither happens.
    #[must_use]
    pub fn becomes_ready(&mut self) -> bool {
        await_until(&format!("{}: ready, or its end", self.name), SOON, || {
            let said = |line: &String| serde_json::from_str::<Value>(line).ok();
            if self.lines().iter().filter_map(said).any(|answer| answer["ready"] == true) {
                return Ok(true);
            }
            if self.is_running() { Err(self.log()) } else { Ok(false) }
        })
    }

    /// Awaits a line of JSON for which `is_it` is true; the newest where there are several.
    ///
    /// # Panics
    /// It does not come, or the program ends.
    pub fn answer(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{}: {what}", self.name);
        await_until(&what, SOON, || {
            let found = self
                .lines()
                .iter()
                .rev()
                .filter_map(|line| serde_json::from_str(line).ok())
                .find(|answer| is_it(answer));
            if let Some(found) = found {
                return Ok(found);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{what}: it ended with {status}\n{}", self.log());
            }
            Err(self.log())
        })
    }

    /// Writes a line to its standard input.
    ///
    /// # Panics
    /// It takes none any more.
    pub fn tell(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is a pipe");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("it reads its input");
    }

    /// Awaits a text in its log.
    ///
    /// # Panics
    /// It does not come, or the program ends first.
    pub fn awaits_in_log(&mut self, text: &str) {
        let what = format!("{}: \"{text}\" in its log", self.name);
        await_until(&what, SOON, || {
            let log = self.log();
            if log.contains(text) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{what}: it ended with {status}\n{log}");
            }
            Err(log)
        });
    }

    /// Asks it to end (SIGTERM) and awaits its exit status.
    ///
    /// # Panics
    /// It does not end.
    pub fn terminate(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.exit_status()
    }

    /// Asks it to read its files anew (SIGHUP).
    ///
    /// # Panics
    /// It has ended.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Ends it at once (SIGKILL).
    ///
    /// # Panics
    /// It cannot be ended.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        let _killed = self.exit_status();
    }

    /// Awaits its end and gives its exit status; none if a signal ended it.
    ///
    /// # Panics
    /// It does not end.
    pub fn exit_status(&mut self) -> Option<i32> {
        let what = format!("{}: its end", self.name);
        let status = await_until(&what, SOON, || match self.child.try_wait() {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Err(format!("still running\n{}", self.log())),
            Err(error) => Err(error.to_string()),
        });
        status.code()
    }

    /// True until it has ended.
    ///
    /// # Panics
    /// The system does not say.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        let ended = self.child.try_wait();
        ended.unwrap_or_else(|error| panic!("{}: {error}", self.name)).is_none()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let sent = kill_process(pid.expect("a child has a process id"), signal);
        sent.unwrap_or_else(|error| panic!("{}: cannot be signalled: {error}", self.name));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {:?}\n{}\n{}", self.status, self.stdout, self.stderr)
    }
}

/// Runs a program to its end.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn finish(mut command: Command) -> Finished {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: cannot be started: {error}"));
    Finished {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
