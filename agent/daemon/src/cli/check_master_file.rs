//! `cellwatch check master-file`: everything that is wrong with a Master File, for whoever writes or reviews it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use cellwatch_config::profile::{self, Profile};
use cellwatch_config::report;
use clap::Args;
use serde_json::json;

use super::Done;

#[derive(Debug, Args)]
pub(super) struct CheckMasterFile {
    /// The Master File's text; of a signed one the text is taken, its signatures are not judged.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A device profile that it is for: units, names and hashes are checked against it. May be given several times.
    #[arg(long, value_name = "FILE")]
    profile: Vec<PathBuf>,
    /// Tell also what it says: what is judged in which phase, and what a reviewer may ask.
    #[arg(long)]
    explain: bool,
    /// Print one JSON object.
    #[arg(long, conflicts_with = "explain")]
    json: bool,
}

pub(super) fn check(asked: &CheckMasterFile) -> anyhow::Result<Done> {
    let read = |path: &PathBuf| {
        fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let mut profiles: BTreeMap<PathBuf, Profile> = BTreeMap::new();
    for path in &asked.profile {
        let text = String::from_utf8(read(path)?)
            .with_context(|| format!("{} is no text", path.display()))?;
        profiles.insert(path.clone(), profile::parse(&path.display().to_string(), &text)?);
    }
    let told = report(&asked.file.display().to_string(), &text_of(read(&asked.file)?), &profiles);
    let problems: Vec<String> = told.problems.iter().map(ToString::to_string).collect();
    if asked.json {
        println!("{}", json!({ "ok": problems.is_empty(), "problems": problems }));
    } else if asked.explain {
        print!("{}", told.text);
    } else {
        for problem in &problems {
            println!("{problem}");
        }
        match problems.len() {
            0 => println!("OK: no problem found; --explain tells what it says"),
            1 => println!("1 problem"),
            many => println!("{many} problems"),
        }
    }
    Ok(if problems.is_empty() { Done::Fine } else { Done::Problem })
}

/// The text of a signed Master File; what is not signed is the text itself.
pub(super) fn text_of(bytes: Vec<u8>) -> Vec<u8> {
    cellwatch_seal::document::untrusted_payload(&bytes).map_or(bytes, |(_, text)| text)
}
