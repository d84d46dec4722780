//! What people write: site files, device profiles and Master Files. Text in, model out.
//!
//! Reads no file and no clock: callers hand in the text and the file's name. Every problem of a file is
//! reported at once, with its file, line, key and the mend.
//!
//! One file by itself is checked by [`site::parse`], [`profile::parse`] and [`master_file::parse`];
//! what must fit between files by [`check::together`].
#![forbid(unsafe_code)]

pub mod check;
mod e_mail;
mod lines;
pub mod master_file;
mod problem;
pub mod profile;
mod reader;
pub mod reference;
mod report;
pub mod site;
#[cfg(test)]
mod testing;

pub(crate) use e_mail::{E_MAIL, is_e_mail};
pub use lines::Lines;
pub use problem::{Problem, Problems};
pub use report::{Report, report};
