//! Where lines for people go.

use std::io::Write;

use tokio::time::Instant;

/// Lines for people: on standard output, or on standard error when that is kept for JSON.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    to_stderr: bool,
    since: Instant,
}

impl Out {
    /// Counts seconds from now.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { to_stderr: json, since: Instant::now() }
    }

    /// Counts seconds from now on.
    #[must_use]
    pub fn from_now(self) -> Self {
        Self { since: Instant::now(), ..self }
    }

    /// Seconds since it counts.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }

    /// One line, or several.
    pub fn line(&self, text: &str) {
        // Nobody reads any more: the demo goes on, and its exit status tells.
        if self.to_stderr {
            writeln!(std::io::stderr(), "{text}").ok();
        } else {
            writeln!(std::io::stdout(), "{text}").ok();
        }
    }

    /// A line with the time since the start.
    pub fn event(&self, text: &str) {
        self.line(&format!("  {:>7.1} s  {text}", self.seconds()));
    }
}
