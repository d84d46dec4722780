//! Records for people and programs that read no CBOR, and proofs from files alone.
//!
//! - [`json`]: everything that a record says, as JSON.
//! - [`BatchProof`]: sets the records of a batch beside its seal.
//! - [`ExportFolder`]: writes an export: the sealed records, JSON lines and CSV tables, under a sealed manifest.
//! - [`find_batch`], [`prove_batch`], [`export_batch`], [`export_range`]: the same over a journal on disk and over a store.
//! - [`check`]: takes an export back and finds any changed byte.
//!
//! Both the agent and the Control Site export; neither knows the other. The evidence in an export is the sealed records
//! and the manifest; JSON and CSV are made of them.
#![forbid(unsafe_code)]

mod check;
mod csv;
mod error;
mod folder;
pub mod json;
mod proof;
mod select;
mod sequence;
mod tables;
mod trust;

pub use check::{ExportVerdict, check};
pub use error::ExportError;
pub use folder::{ExportFolder, Made, Part};
pub use proof::{BatchProof, BatchVerdict, Coverage, sealed_batch};
pub use select::{
    FoundBatch, SelectError, Source, export_batch, export_range, find_batch, prove_batch,
};
pub use trust::Trust;

/// Content type of an export's manifest.
pub const MANIFEST_CONTENT_TYPE: &str = "application/cellwatch-export";
/// Name of the manifest in an export's folder.
pub const MANIFEST_NAME: &str = "manifest.cose";
/// Name of the file of sealed records: one after the other, a CBOR sequence (RFC 8742).
pub const RECORDS_NAME: &str = "records.cose";

#[cfg(test)]
mod tests;
