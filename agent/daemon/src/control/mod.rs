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
//! {"list_people":{}}
//! {"people":[...]}
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
    /// A person has heard the horn.
    SilenceHorn {
        /// Of this annunciator only.
        #[serde(default)]
        annunciator: Option<String>,
        /// Why, or what was done.
        comment: String,
    },
    /// A person wants to know whether a route of the Master File reaches anybody.
    TestRoute {
        /// Its name.
        route: String,
    },
    /// A person wants to see and hear whether lights and horn work.
    TestAnnunciators {},
    /// A certificate of an OPC UA server is to be trusted.
    TrustCertificate {
        /// The server's id in the site file.
        server: String,
        /// SHA-256 of the certificate, 64 hexadecimal digits.
        thumbprint: String,
        /// Who trusts it: the given name of a person.
        by: String,
        /// Why: what it was compared with.
        comment: String,
    },
    /// How the daemon is.
    Status {},
    /// Who may log in.
    ListPeople {},
    /// A change of people.
    ChangePeople {
        /// What.
        step: Step,
        /// Whose account.
        name: String,
        /// The role of a new account.
        role: Option<String>,
        /// The system account that a new account acts for.
        system_account: Option<String>,
        /// The one-time password; none for one that is made.
        password: Option<String>,
        /// The given name of whoever asks.
        by: String,
        /// Why.
        reason: String,
    },
}

/// A change of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Someone is added.
    Add,
    /// Someone may log in no more.
    Disable,
    /// Someone gets a new one-time password, and may log in again.
    Reset,
}

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The person's name.
    pub name: String,
    /// The role.
    pub role: String,
    /// The one-time password has not been changed yet.
    pub must_change: bool,
    /// May log in no more.
    pub disabled: bool,
    /// The system account that acts for the person at this socket.
    pub system_account: Option<String>,
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
    /// Who may log in.
    People(Vec<Listed>),
    /// The change is on disk and in force.
    Changed {
        /// Sequence number of its record.
        seq: u64,
        /// The account as it is now.
        account: Listed,
        /// The password for the first login; none where nobody may log in.
        one_time_password: Option<String>,
    },
    /// The request could not be understood or carried out.
    Error(String),
}

/// The socket of a data folder.
#[must_use]
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}
