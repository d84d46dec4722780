//! Why the Control Site could not run, or had to end.

use std::path::PathBuf;

use cellwatch_seal::{ApprovalError, KeyFileError, RosterError};

use crate::store::StoreError;

/// Why the Control Site could not run, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file cannot be read.
    #[error("{path}: cannot be read: {cause}; check {option}", path = path.display())]
    Read {
        /// The option that names it.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// A key file cannot be used.
    #[error("{option}: {cause}")]
    Key {
        /// The option that names it.
        option: &'static str,
        /// What is wrong.
        cause: KeyFileError,
    },
    /// The roster is not to be believed.
    #[error("--roster {path}: {cause}", path = path.display())]
    Roster {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: RosterError,
    },
    /// Agents would refuse the receipts.
    #[error(
        "--receipt-key {path}: the roster lists no receipt key {key}, so every agent would refuse \
         the receipts; name the key that the roster lists, or issue a roster with this one",
        path = path.display()
    )]
    ReceiptKey {
        /// The file.
        path: PathBuf,
        /// The public key.
        key: String,
    },
    /// The Master File is not approved.
    #[error("--publish-master-file {path}: {cause}", path = path.display())]
    MasterFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: ApprovalError,
    },
    /// Certificates or keys do not fit.
    #[error("{option} {path}: {cause}", path = path.display())]
    Certificate {
        /// The option that names it.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        cause: String,
    },
    /// A message could not be published.
    #[error("{topic}: not published: {cause}")]
    Publish {
        /// The topic.
        topic: String,
        /// Why.
        cause: String,
    },
    /// An address cannot be understood.
    #[error("--broker \"{0}\": expected host:port, such as broker.example:8883")]
    Broker(String),
    /// The page's address is taken or not ours.
    #[error("--http {address}: cannot be listened on: {cause}; give another address or port 0")]
    Http {
        /// The address.
        address: String,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The operating system refuses a thread, a task or a signal.
    #[error("the operating system refuses {what}: {cause}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it says.
        cause: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread ended that should not.
    #[error("{0} ended unexpectedly; see the log above")]
    Ended(&'static str),
}

impl RunError {
    /// Exit status: 2 where it could not run, 1 where it ran and had to end.
    #[must_use]
    pub const fn status(&self) -> u8 {
        match self {
            Self::Store(StoreError::Sqlite(_) | StoreError::Damaged(_))
            | Self::Ended(_)
            | Self::Publish { .. } => 1,
            Self::Read { .. }
            | Self::Key { .. }
            | Self::Roster { .. }
            | Self::ReceiptKey { .. }
            | Self::MasterFile { .. }
            | Self::Certificate { .. }
            | Self::Broker(_)
            | Self::Http { .. }
            | Self::System { .. }
            | Self::Store(_) => 2,
        }
    }
}
