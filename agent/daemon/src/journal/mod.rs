//! The journal: records on disk, before anything else hears of them (LAW-03).
//!
//! # Constraints
//! - A record counts only when it is on disk: the writer reports it after `COMMIT` with
//!   `synchronous=FULL`, which waits for the disk (fsync of the write-ahead log).
//! - One writer, held by a lock file. No payload is ever updated or deleted.
//! - Records that were chained together are committed together: an
//!   [`Append`](cellwatch_core::door::Append) never spans two commits.
//! - An urgent append is committed at once; others wait for company at most the site file's
//!   `journal.commit_delay_ms`.
//! - A full disk or an I/O error stops no one: the same records are tried again, for ever, with
//!   growing pauses, and nothing is reported durable in between. Records wait in memory up to
//!   [`WAITING_BYTES_MAX`]; beyond it the daemon ends, and the next start records the gap.
//!
//! # Format
//! A folder of SQLite files `segment-<first seq, 12 digits>.db`, each with
//! ```sql
//! CREATE TABLE segment (format INTEGER, journal BLOB, agent TEXT, first_seq INTEGER, watched_s INTEGER);  -- one row
//! CREATE TABLE records (seq INTEGER PRIMARY KEY, kind INTEGER, unit TEXT, sealed BLOB);
//! ```
//! `sealed` is the record as it is sent: COSE_Sign1 over its payload. `kind` and `unit` only find
//! records; what counts is sealed. While no key may seal, the bare payload stands there, and the first key that the
//! roster names puts its seal around it: nothing else of a row ever changes. Write-ahead log while a segment is written; a closed segment is
//! one plain file.
//!
//! # Operation
//! A segment is closed when it reaches `journal.segment_mib`, and the next begins: it is made
//! under another name, renamed when it is whole, and the folder is synced. A start checks the last
//! records and goes on after them. A damaged end, or one that is older than the last receipt (a
//! restored image), is set aside as `journal-set-aside-<n>`, untouched, and a new journal begins
//! that says what is known of the one before; so does damage in the midst that was not received. What of it no receipt
//! covers is still delivered (`former`). Rows are looked at on their way out (`reading`). [`verify()`] walks the whole.

mod backup;
mod before;
mod error;
mod former;
mod group;
mod hashes;
mod keys;
mod late;
mod lock;
mod look;
mod lookup;
mod opening;
mod reader;
mod reading;
mod reserve;
mod sample;
mod segment;
mod source;
mod survey;
#[cfg(test)]
mod tests;
mod unseal;
mod verify;
mod walk;
mod work;
mod writer;

pub use backup::{BackupError, Manifest, back_up, restore};
pub use error::JournalError;
pub use former::{
    FORKS_MAX, FormerFolder, QUARANTINED_MAX, Received, SET_ASIDE_MAX, forget_received,
    former_journals,
};
pub use group::GROUP_RECORDS_MAX;
pub use hashes::hashes;
pub use keys::followed;
pub use late::Reseal;
pub use late::waits_for_seals;
pub use lock::Lock;
pub use look::{Next, Wanted, first_since, look};
pub use opening::{Known, Opened, open};
pub use reader::Reader;
pub use reading::{Fetch, Found, Judge, fetch};
pub use reserve::Reserve;
pub use sample::{Frames, frame_before, sample};
pub use source::JournalFolder;
pub use survey::{prune, survey};
pub use verify::{Fault, SealedFrom, Verdict, verify};
pub use walk::walk;
pub use work::SharedSealer;
pub use writer::{Committed, Told, WAITING_BYTES_MAX, Writer, WriterSettings};

/// Version of the segments' format.
pub const SEGMENT_FORMAT: i64 = 1;
