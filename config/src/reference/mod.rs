//! What may be written: every key of a Master File, device profile and site file, with unit, range, default and an
//! example.
//!
//! One table for each kind of file. The guides in `docs/` are printed from these tables, and tests hold the tables
//! against the parsers: the keys known to each are the same, examples are accepted, ranges end where the table says,
//! a default changes nothing when it is written.

mod key;
mod markdown;
mod master_file;
mod opcua;
mod profile;
mod site;
mod site_calling;
mod site_page;
#[cfg(test)]
mod tests;

pub use key::{Default, Document, Key, Repeat, Table, Takes};
pub use markdown::markdown;
pub use master_file::MASTER_FILE;
pub use profile::PROFILE;
pub use site::SITE;
