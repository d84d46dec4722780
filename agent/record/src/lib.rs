//! Records: what the agent writes down, chains and sends, byte for byte the same (LAW-04).
//!
//! A record's payload is one deterministic CBOR map (RFC 8949 §4.2.1) described by `record.cddl`.
//! Each names the SHA-256 of the payload before it. Sealing is another crate's work; nothing here
//! knows a key, a file or a clock.
//!
//! - [`Record`] is the model, [`encode`] and [`decode`] its bytes. Decoding is strict: what would
//!   not be written the same again is refused.
//! - [`Chain`] gives sequence numbers and hashes; [`ChainCheck`] follows them.
//! - [`BatchTree`] and [`MerkleTree`] are what a batch's seal is made of and proven by.
//! - [`ExportManifest`] names what an export holds.
//! - [`Receipt`], [`CompletenessReceipt`], [`Command`], [`AlarmSummary`], [`KeySuccession`] and [`bundle`] are the other payloads of the wire.
#![forbid(unsafe_code)]

mod batch_tree;
mod body;
pub mod bundle;
mod cbor;
mod chain;
mod codec;
mod command;
mod common;
mod completeness;
mod key_succession;
mod manifest;
mod merkle;
mod receipt;
mod summary;

pub use batch_tree::BatchTree;
pub use body::{
    Action, AlarmChange, AwaitedSeal, Batch, BatchChange, BatchSeal, Body, Column, Datum,
    Deviation, DeviationChange, DeviationRule, EnteredResult, Event, EventKind, Frame, Health,
    Kind, Person, Sample, SavedAlarm, SavedBatch, SavedMasterFile, SavedSeals, SavedSite, State,
    Track, Waits,
};
pub use cbor::DecodeError;
pub use chain::{Chain, ChainCheck, ChainFault, Head};
pub use codec::{FORMAT_VERSION, decode, encode, peek_identity};
pub use command::{COMMAND_REASON_MAX, Command, Order, SiteStatus};
pub use common::{Common, Hash, Identity, JournalId, ParseIdError, Record, sha256};
pub use completeness::{Completeness, CompletenessReceipt};
pub use key_succession::KeySuccession;
pub use manifest::{
    ExportManifest, ExportedFile, ExportedJournal, MANIFEST_ENTRIES_MAX, Maker, Selection,
};
pub use merkle::{MerkleTree, PEAKS_MAX, inclusion_path, proves_inclusion};
pub use receipt::{Missing, RECEIPT_MISSING_MAX, Receipt};
pub use summary::{AlarmSummary, StandingAlarm};

/// Content type in the protected header of a record's seal.
pub const RECORD_CONTENT_TYPE: &str = "application/cellwatch-record";
/// Content type of a receipt.
pub const RECEIPT_CONTENT_TYPE: &str = "application/cellwatch-receipt";
/// Content type of a completeness receipt.
pub const COMPLETENESS_CONTENT_TYPE: &str = "application/cellwatch-completeness";
/// Content type of a command.
pub const COMMAND_CONTENT_TYPE: &str = "application/cellwatch-command";
/// Content type of what a new key seals before it takes over.
pub const KEY_SUCCESSION_CONTENT_TYPE: &str = "application/cellwatch-key-succession";
/// Content type of a summary of standing alarms.
pub const SUMMARY_CONTENT_TYPE: &str = "application/cellwatch-alarms";

#[cfg(test)]
mod tests;
