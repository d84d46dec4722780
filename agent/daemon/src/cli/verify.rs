//! `cellwatch verify`.

use std::path::{Path, PathBuf};

use cellwatch_export::Trust as Keys;
use cellwatch_seal::{PublicKey, Sealer, key_file};
use serde_json::json;

use super::export::{verify_batch, verify_export};
use super::{Done, Verify};
use crate::installation::Installation;
use crate::journal::{self, Fault, Known, Verdict};
use crate::state::State;
use crate::trust::Trust;

pub(super) fn verify(arguments: &Verify) -> anyhow::Result<Done> {
    if let Some(folder) = &arguments.export {
        return verify_export(folder, &keys(arguments)?, arguments.json);
    }
    let (folder, key, known) = subject(arguments)?;
    if let Some(batch) = &arguments.batch {
        let keys = Keys { agent_keys: vec![key], ..keys(arguments)? };
        return verify_batch(&folder, &keys, batch, arguments.json);
    }
    let mut progress = |records: u64| eprintln!("verified {records} records");
    let verdict = journal::verify(&folder, &key, known, &mut progress)?;
    if arguments.json {
        println!("{}", as_json(&verdict));
    } else {
        print(&verdict, &folder);
    }
    Ok(if verdict.fault.is_none() { Done::Fine } else { Done::Problem })
}

/// Whose seals are believed: the key that is given, or the site's own and its roster.
fn keys(arguments: &Verify) -> anyhow::Result<Keys> {
    if let Some(key) = &arguments.public_key {
        return Ok(Keys { agent_keys: vec![key_file::read_public(key)?], roster: None });
    }
    let config = arguments.config.as_deref().unwrap_or(Path::new("site.toml"));
    let installation = Installation::read(config)?;
    let key = key_file::read(&installation.path(&installation.site.agent.key))?.public();
    let state = State::open_to_read(&installation.data_dir())?;
    let stored = state.map(|state| state.roster()).transpose()?.flatten();
    let (trust, _) = Trust::read(&installation, stored)?;
    Ok(Keys { agent_keys: vec![key], roster: Some(trust.roster) })
}

fn subject(arguments: &Verify) -> anyhow::Result<(PathBuf, PublicKey, Known)> {
    if let (Some(folder), Some(key)) = (&arguments.journal, &arguments.public_key) {
        let key = key_file::read_public(key)?;
        let inner = folder.join("journal");
        return if inner.is_dir() {
            Ok((inner, key, known(folder)?))
        } else {
            Ok((folder.clone(), key, Known::default()))
        };
    }
    let config = arguments.config.as_deref().unwrap_or(Path::new("site.toml"));
    let installation = Installation::read(config)?;
    let key = key_file::read(&installation.path(&installation.site.agent.key))?.public();
    Ok((installation.journal_dir(), key, known(&installation.data_dir())?))
}

fn known(data_dir: &Path) -> anyhow::Result<Known> {
    let state = State::open_to_read(data_dir)?;
    Ok(state.map(|state| state.known()).transpose()?.unwrap_or_default())
}

fn print(verdict: &Verdict, folder: &Path) {
    let Verdict { agent, journal, segments, pruned_through, records, hash, fault } = verdict;
    if *pruned_through > 0 {
        println!(
            "seq 1 to {pruned_through} were received and removed, as a record says; what remains begins with seq {}",
            pruned_through + 1
        );
    }
    match fault {
        None => println!(
            "OK: {records} records of agent {agent}, journal {journal}, in {segments} segments of {}: every seal, link and sequence number is right. The last is {hash}",
            folder.display()
        ),
        Some(Fault { first_bad_seq, file, reason }) => println!(
            "BAD from seq {first_bad_seq}: {reason}\n{}\nThe {records} records of agent {agent}, journal {journal}, before it are right.",
            file.display()
        ),
    }
}

fn as_json(verdict: &Verdict) -> serde_json::Value {
    json!({
        "ok": verdict.fault.is_none(),
        "agent": verdict.agent,
        "journal": verdict.journal.to_string(),
        "segments": verdict.segments,
        "pruned_through": verdict.pruned_through,
        "records": verdict.records,
        "last_hash": verdict.hash.to_string(),
        "first_bad_seq": verdict.fault.as_ref().map(|fault| fault.first_bad_seq),
        "file": verdict.fault.as_ref().map(|fault| fault.file.display().to_string()),
        "reason": verdict.fault.as_ref().map(|fault| &fault.reason),
    })
}
