//! The control socket: what people at this machine ask the running daemon for.
//!
//! A Unix socket `control.sock` in the data folder, mode 0600. One line of JSON asks, one answers.
//! Who asks is the peer's account, as the kernel says it (LAW-11): only the daemon's own account and
//! root are let in, and the name is the account's.
//!
//! ```text
//! {"acknowledge":{"unit":"BX-01","alarm":"TEMP.HH","comment":"probe exchanged"}}
//! {"recorded":{"seq":4711,"by":"maria","refusal":null}}
//! {"status":{}}
//! {"status":{...}}
//! {"error":"what was wrong"}
//! ```

mod account;
mod client;
mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use account::account_name;
pub use client::{ClientError, ask};
pub use server::{Call, ControlError, start};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// A person has seen an alarm.
    Acknowledge {
        /// The unit; none for the agent's own alarms.
        unit: Option<String>,
        /// The alarm's id.
        alarm: String,
        /// Why, or what was done.
        comment: String,
    },
    /// How the daemon is.
    Status {},
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The action is on disk.
    Recorded {
        /// Sequence number of its record.
        seq: u64,
        /// The person's name in it.
        by: String,
        /// Why it was not carried out; none if it was.
        refusal: Option<String>,
    },
    /// How the daemon is.
    Status(serde_json::Value),
    /// The request could not be understood or carried out.
    Error(String),
}

/// The socket of a data folder.
#[must_use]
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}
