//! Why a journal cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use cellwatch_record::JournalId;
use cellwatch_seal::KeyId;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another daemon writes it.
    #[error(
        "{path}: another cellwatch (process {pid}) runs with this data_dir: stop it first, or give this one a data_dir of its own"
    )]
    Running {
        /// The lock file.
        path: PathBuf,
        /// The other's process id, as it wrote it; 0 where it cannot be read.
        pid: u32,
    },
    /// The operating system refuses.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// SQLite refuses.
    #[error("{path}: {cause}{}", advice(cause))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
    /// Not a segment of this format.
    #[error("{path}: not a journal segment that this version reads: {problem}")]
    NotASegment {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The last records are not what was written.
    #[error("{path}: seq {seq} is damaged: {problem}")]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// The journal.
        journal: JournalId,
        /// The damaged record.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// It belongs to another agent.
    #[error(
        "{path}: this is the journal of agent \"{found}\", not of \"{expected}\": mend agent.id or agent.data_dir in the site file"
    )]
    OtherAgent {
        /// The segment.
        path: PathBuf,
        /// The agent of the site file.
        expected: String,
        /// The journal's.
        found: String,
    },
    /// It was sealed with another key.
    #[error(
        "{path}: the journal was sealed with key {found}, which neither roster nor records connect with this agent's keys ({expected})"
    )]
    OtherKey {
        /// The segment.
        path: PathBuf,
        /// The keys that are known.
        expected: String,
        /// The journal's.
        found: KeyId,
    },
    /// No segment.
    #[error("{path}: holds no journal (no segment-*.db): is this the right folder?")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// What a person does about it, where that is known.
fn advice(cause: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, PermissionDenied,
        ReadOnly, SystemIoFailure,
    };
    match cause.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => {
            ": another program holds this file (a copy being made, a viewer): end it, and start cellwatch again"
        }
        Some(CannotOpen | PermissionDenied) => {
            ": see that it is a file that the user of cellwatch may read and write, in a folder of theirs"
        }
        Some(SystemIoFailure) => {
            ": the disk does not give what is on it: see to the disk and its cable (dmesg says more); nothing was changed"
        }
        Some(OutOfMemory) => ": free memory on this machine",
        Some(DiskFull) => ": free space on this disk, or enlarge it",
        Some(ReadOnly) => ": see why this disk lets nothing be written, and mount it for writing",
        _ => "",
    }
}

impl JournalError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |cause| Self::Io { path: path.to_owned(), cause }
    }

    pub(crate) fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        move |cause| Self::Sqlite { path: path.to_owned(), cause }
    }
}
