//! `cellwatch verify`.

use std::path::{Path, PathBuf};

use cellwatch_export::Trust as Keys;
use cellwatch_seal::{AgentKeys, key_file};
use serde_json::json;

use super::export::{verify_batch, verify_export};
use super::{Done, Verify};
use crate::installation::Installation;
use crate::journal::{self, Fault, Known, SealedFrom, Verdict, followed};
use crate::keys::known_keys;
use crate::state::State;

pub(super) fn verify(arguments: &Verify) -> anyhow::Result<Done> {
    if let Some(folder) = &arguments.export {
        return verify_export(folder, &keys(arguments)?, arguments.json);
    }
    let (folder, agent_keys, known) = subject(arguments)?;
    if let Some(batch) = &arguments.batch {
        let agent_keys = followed(&folder, &agent_keys)?.iter().copied().collect();
        let keys = Keys { agent_keys, ..keys(arguments)? };
        return verify_batch(&folder, &keys, batch, arguments.json);
    }
    let mut progress = |records: u64| eprintln!("verified {records} records");
    let verdict = journal::verify(&folder, &agent_keys, known, &mut progress)?;
    if arguments.json {
        println!("{}", as_json(&verdict));
    } else {
        print(&verdict, &folder);
    }
    Ok(if verdict.fault.is_none() { Done::Fine } else { Done::Problem })
}

/// Whose seals are believed: the key that is given, or the site's own and its roster.
fn keys(arguments: &Verify) -> anyhow::Result<Keys> {
    if !arguments.public_key.is_empty() {
        let agent_keys = public_keys(arguments)?.iter().copied().collect();
        return Ok(Keys { agent_keys, roster: None });
    }
    let config = arguments.config.as_deref().unwrap_or(Path::new("site.toml"));
    let (keys, trust) = known_keys(&Installation::read(config)?)?;
    Ok(Keys { agent_keys: keys.iter().copied().collect(), roster: Some(trust.roster) })
}

fn public_keys(arguments: &Verify) -> anyhow::Result<AgentKeys> {
    let read = arguments.public_key.iter().map(|file| key_file::read_public(file));
    Ok(read.collect::<Result<AgentKeys, _>>()?)
}

fn subject(arguments: &Verify) -> anyhow::Result<(PathBuf, AgentKeys, Known)> {
    if let Some(folder) = &arguments.journal {
        let key = public_keys(arguments)?;
        let inner = folder.join("journal");
        return if inner.is_dir() {
            Ok((inner, key, known(folder)?))
        } else {
            Ok((folder.clone(), key, Known::default()))
        };
    }
    let config = arguments.config.as_deref().unwrap_or(Path::new("site.toml"));
    let installation = Installation::read(config)?;
    let (keys, _) = known_keys(&installation)?;
    Ok((installation.journal_dir(), keys, known(&installation.data_dir())?))
}

fn known(data_dir: &Path) -> anyhow::Result<Known> {
    let state = State::open_to_read(data_dir)?;
    Ok(state.map(|state| state.known()).transpose()?.unwrap_or_default())
}

fn print(verdict: &Verdict, folder: &Path) {
    let Verdict { agent, journal, segments, pruned_through, records, hash, keys, fault } = verdict;
    if *pruned_through > 0 {
        println!(
            "seq 1 to {pruned_through} were received and removed, as a record says; what remains begins with seq {}",
            pruned_through + 1
        );
    }
    for SealedFrom { key, seq, rotated } in keys.iter().skip(1) {
        let how = if *rotated {
            "the key before sealed the change too"
        } else {
            "the key before did not seal the change: it was lost or given up"
        };
        println!("from seq {seq} on, key {key} seals; {how}");
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
        "keys": verdict.keys.iter().map(|one| json!({ "key": one.key.to_string(), "from_seq": one.seq, "rotated": one.rotated })).collect::<Vec<_>>(),
        "first_bad_seq": verdict.fault.as_ref().map(|fault| fault.first_bad_seq),
        "file": verdict.fault.as_ref().map(|fault| fault.file.display().to_string()),
        "reason": verdict.fault.as_ref().map(|fault| &fault.reason),
    })
}
