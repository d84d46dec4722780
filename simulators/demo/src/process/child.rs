//! A process with a log of its own.
//!
//! Each is in a process group of its own, so that Ctrl-C reaches only the demo, which ends them in
//! order; and each hears of the demo's end if that is killed (`demo supervised`).

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::log_tail;

/// How long a process may take until it says that it is ready.
pub const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long a process may take to end before it is killed.
pub const END_WITHIN: Duration = Duration::from_secs(5);

/// Why a process does not run.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It could not be started.
    #[error("cannot start {name}: {cause}")]
    Start {
        /// Which.
        name: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// It ended although nobody asked.
    #[error("{name} ended by itself ({status}). The end of {}:\n{tail}", log.display())]
    Ended {
        /// Which.
        name: String,
        /// How.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// It runs, but does not say that it is ready.
    #[error("{name} is not ready after {} s. The end of {}:\n{tail}", READY_WITHIN.as_secs(), log.display())]
    NotReady {
        /// Which.
        name: String,
        /// Its log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// Its ready line lacks something.
    #[error("{name} does not say where its {key} is: {line}")]
    NoAddress {
        /// Which.
        name: String,
        /// What is missing.
        key: &'static str,
        /// What it said.
        line: String,
    },
}

/// How a process ended that was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Done, status 0, or by the signal that asked.
    Clean,
    /// With another status.
    Status(ExitStatus),
    /// It did not, and was killed.
    Killed,
}

/// A process.
#[derive(Debug)]
pub struct Child {
    name: String,
    log: PathBuf,
    pid: Option<Pid>,
    ready: Value,
    status: watch::Receiver<Option<ExitStatus>>,
}

/// Starts processes.
#[derive(Clone, Copy, Debug)]
pub struct Starter<'a> {
    /// The demo's own program.
    pub demo: &'a Path,
    /// Where the logs go.
    pub logs: &'a Path,
}

impl Starter<'_> {
    /// Starts a program by way of `demo supervised`, and waits for the line of JSON that says it
    /// is ready. Everything else that it writes goes to `<logs>/<name>.log`.
    ///
    /// # Errors
    /// It cannot be started, ends, or is not ready in time.
    pub async fn start(
        &self,
        name: &str,
        program: &Path,
        arguments: &[OsString],
    ) -> Result<Child, ChildError> {
        let log = self.logs.join(format!("{name}.log"));
        let wrong = |cause| ChildError::Start { name: name.to_owned(), cause };
        let file = OpenOptions::new().create(true).append(true).open(&log).map_err(wrong)?;
        let mut process = Command::new(self.demo)
            .arg("supervised")
            .arg("--")
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file.try_clone().map_err(wrong)?)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(wrong)?;
        let pid = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let stdout = process.stdout.take();
        let (ended, status) = watch::channel(None);
        tokio::spawn(async move {
            // An error would say that there is no such process: it has ended.
            ended.send_replace(Some(process.wait().await.unwrap_or_default()));
        });
        let mut child = Child { name: name.to_owned(), log, pid, ready: Value::Null, status };
        if let Some(stdout) = stdout {
            child.ready = child.wait_until_ready(stdout, file).await?;
        }
        Ok(child)
    }
}

impl Child {
    async fn wait_until_ready(&self, stdout: ChildStdout, log: File) -> Result<Value, ChildError> {
        let mut lines = BufReader::new(stdout);
        match timeout(READY_WITHIN, ready_line(&mut lines, &log)).await {
            Ok(Some(ready)) => {
                tokio::spawn(async move { while ready_line(&mut lines, &log).await.is_some() {} });
                Ok(ready)
            }
            Ok(None) => {
                let closed_its_output = timeout(END_WITHIN, self.ended()).await.is_err();
                Err(if closed_its_output { self.not_ready() } else { self.why_it_ended() })
            }
            Err(_) => Err(self.not_ready()),
        }
    }

    fn not_ready(&self) -> ChildError {
        let tail = log_tail(&self.log);
        ChildError::NotReady { name: self.name.clone(), log: self.log.clone(), tail }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An address from its ready line.
    ///
    /// # Errors
    /// There is none under this key.
    pub fn address(&self, key: &'static str) -> Result<&str, ChildError> {
        self.ready[key].as_str().ok_or_else(|| ChildError::NoAddress {
            name: self.name.clone(),
            key,
            line: self.ready.to_string(),
        })
    }

    /// Waits until it has ended.
    pub async fn ended(&self) {
        self.end_of().await;
    }

    /// The same, to be waited for elsewhere.
    pub fn end_of(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut status = self.status.clone();
        async move {
            // An error means that the watching task is gone, and the process with it.
            status.wait_for(Option::is_some).await.ok();
        }
    }

    /// True while it has not ended.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.status.borrow().is_none()
    }

    /// Says how it ended, with the last lines of its log.
    #[must_use]
    pub fn why_it_ended(&self) -> ChildError {
        let status = *self.status.borrow();
        ChildError::Ended {
            name: self.name.clone(),
            status: status.map_or_else(|| "still running".to_owned(), |status| status.to_string()),
            log: self.log.clone(),
            tail: log_tail(&self.log),
        }
    }

    /// Asks it to end, waits, and kills it after `within`.
    pub async fn end(&self, within: Duration) -> Ended {
        self.signal(Signal::TERM);
        if timeout(within, self.ended()).await.is_err() {
            self.signal(Signal::KILL);
            self.ended().await;
            return Ended::Killed;
        }
        match *self.status.borrow() {
            None => Ended::Clean,
            Some(status) if status.success() || asked(status) => Ended::Clean,
            Some(status) => Ended::Status(status),
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid.filter(|_| self.runs()) {
            // It can only fail because the process has just ended.
            kill_process(pid, signal).ok();
        }
    }
}

fn asked(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(Signal::TERM.as_raw())
}

/// The next line that says `"ready": true`; other lines go to the log. `None` at the end.
async fn ready_line(
    lines: &mut BufReader<impl AsyncRead + Unpin>,
    mut log: &File,
) -> Option<Value> {
    use std::io::Write;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if let Ok(value) = serde_json::from_slice::<Value>(&line)
            && value["ready"] == true
        {
            return Some(value);
        }
        // A log that cannot be written must not end the demo.
        log.write_all(&line).ok();
    }
}
