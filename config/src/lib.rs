//! What people write: site files, device profiles and Master Files. Text in, model out.
//!
//! Reads no file and no clock: callers hand in the text and the file's name. Every problem of a file is
//! reported at once, with its file, line, key and the mend.
#![forbid(unsafe_code)]

pub mod master_file;
pub mod profile;
pub mod site;
