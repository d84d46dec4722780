//! `cellwatch backup` and `cellwatch restore`.

use std::path::Path;

use super::Done;
use crate::installation::Installation;
use crate::journal::{self, BackupError, Manifest};
use crate::keys::known_keys;

pub(super) fn backup(config: &Path, to: &Path) -> anyhow::Result<Done> {
    let installation = Installation::read(config)?;
    let made = jiff::Timestamp::now().to_string();
    let manifest = journal::back_up(&installation.data_dir(), to, &made)?;
    println!("copied to {}: {}", to.display(), words(&manifest));
    Ok(Done::Fine)
}

pub(super) fn restore(config: &Path, from: &Path, verify: bool) -> anyhow::Result<Done> {
    let installation = Installation::read(config)?;
    let keys = if verify { Some(known_keys(&installation)?.0) } else { None };
    let mut progress = |records: u64| eprintln!("verified {records} records");
    let data_dir = installation.data_dir();
    match journal::restore(from, &data_dir, keys.as_ref(), &mut progress) {
        Ok(manifest) => {
            let verified = if verify { ", verified" } else { "" };
            println!("restored to {}: {}{verified}", data_dir.display(), words(&manifest));
            Ok(Done::Fine)
        }
        Err(error @ BackupError::NotACopy { .. }) => {
            eprintln!("cellwatch: {error}");
            Ok(Done::Problem)
        }
        Err(error) => Err(error.into()),
    }
}

fn words(manifest: &Manifest) -> String {
    let Manifest { agent, journal, first_seq, last_seq, .. } = manifest;
    format!("agent {agent}, journal {journal}, seq {first_seq} to {last_seq}")
}
