//! A Master File told to people: what it judges in which phase, what is wrong with it, what a reviewer may ask.

mod advice;
mod columns;
mod limits;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::profile::Profile;
use crate::{Problem, check, master_file};

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// For people: plain text of whole lines.
    pub text: String,
    /// What is wrong; empty where the file may be signed.
    pub problems: Vec<Problem>,
}

/// Reads a Master File, checks it against the device profiles that it is for, and tells what it says. `file_name` is
/// only for messages; `profiles` are by their path.
#[must_use]
pub fn report(file_name: &str, bytes: &[u8], profiles: &BTreeMap<PathBuf, Profile>) -> Report {
    let (mut text, problems) = match master_file::parse(file_name, bytes) {
        Ok(file) => {
            let problems = check::with_profiles(&file, file_name, profiles);
            (text::told(&file) + &advice::told(&file, profiles), problems)
        }
        Err(problems) => (String::new(), problems.0),
    };
    if !text.is_empty() {
        text.push('\n');
    }
    match problems.len() {
        0 => text += "No problem found.\n",
        1 => text += "1 problem:\n",
        many => text += &format!("{many} problems:\n"),
    }
    for problem in &problems {
        text += &format!("  {problem}\n");
    }
    Report { text, problems }
}
