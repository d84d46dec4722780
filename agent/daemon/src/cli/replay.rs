//! `cellwatch replay`: the records of a journal judged again (LAW-08).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use cellwatch_config::master_file::{self, MasterFile};
use cellwatch_core::replay::{Difference, Judgement, Replay, Replayed};
use cellwatch_record::{AlarmChange, Body, Hash, Record, sha256};
use clap::Args;
use serde_json::json;

use super::Done;
use super::check_master_file::text_of;
use crate::installation::Installation;
use crate::journal;
use crate::state::State;

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// A folder of segments, or a data folder that holds one; the site file's by default.
    #[arg(value_name = "JOURNAL")]
    journal: Option<PathBuf>,
    /// The site file; units, devices and profiles are taken from it.
    #[arg(long, value_name = "FILE", default_value = "site.toml")]
    config: PathBuf,
    /// A Master File that judged, signed or its text; that of the data folder by default. May be given several times.
    #[arg(long, value_name = "FILE")]
    master_file: Vec<PathBuf>,
    /// Judge by this Master File instead, signed or its text, and say what would have alarmed.
    #[arg(long, value_name = "FILE", conflicts_with = "master_file")]
    rehearse: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

type Files = BTreeMap<Hash, Arc<MasterFile>>;

pub(super) fn replay(asked: &ReplayArgs) -> anyhow::Result<Done> {
    let installation = Installation::read(&asked.config)?;
    let data_dir = installation.data_dir();
    let folder = asked.journal.clone().unwrap_or_else(|| data_dir.clone());
    let inner = folder.join("journal");
    let folder = if inner.is_dir() { inner } else { folder };
    let mut files = Files::new();
    for path in &asked.master_file {
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        keep(&mut files, &path.display().to_string(), bytes)?;
    }
    if asked.master_file.is_empty() && asked.rehearse.is_none() {
        known_files(&mut files, &installation, &data_dir)?;
    }
    let other = asked.rehearse.as_ref().map(|path| read_one(path)).transpose()?;
    let find = |sha256: Hash| other.clone().or_else(|| files.get(&sha256).map(Arc::clone));
    let setup = installation.setup();
    let mut replay = Replay::new(&setup, &find);
    let (mut records, mut stopped) = (0_u64, None);
    journal::walk(&folder, |record: Record| {
        records += 1;
        if records.is_multiple_of(100_000) {
            eprintln!("judged {records} records");
        }
        stopped = replay.record(&record).err();
        stopped.is_none()
    })?;
    if let Some(stopped) = stopped {
        bail!("{stopped}");
    }
    if records == 0 {
        bail!("{} holds no record", folder.display());
    }
    let outcome = replay.finish();
    Ok(if asked.rehearse.is_some() {
        rehearsed(&outcome, asked.json);
        Done::Fine
    } else {
        compared(&outcome, records, asked.json)
    })
}

fn read_one(path: &Path) -> anyhow::Result<Arc<MasterFile>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Arc::new(master_file::parse(&path.display().to_string(), &text_of(bytes))?))
}

/// The text's hash is what the records name: whoever signed it.
fn keep(files: &mut Files, name: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
    let text = text_of(bytes);
    files.insert(sha256(&text), Arc::new(master_file::parse(name, &text)?));
    Ok(())
}

/// What the daemon keeps of the last accepted file, and the one that the site file names.
fn known_files(
    files: &mut Files,
    installation: &Installation,
    data_dir: &Path,
) -> anyhow::Result<()> {
    if let Some(state) = State::open_to_read(data_dir)? {
        for kept in state.master_files()?.0 {
            keep(files, "an accepted Master File", kept.signed.to_vec())?;
        }
    }
    let path = installation.path(&installation.site.trust.master_file);
    if let Ok(bytes) = fs::read(&path) {
        keep(files, &path.display().to_string(), bytes)?;
    }
    Ok(())
}

fn compared(outcome: &Replayed, records: u64, json: bool) -> Done {
    let differences = outcome.differences();
    let Replayed { recorded, missing, skipped, readings, .. } = outcome;
    if json {
        let told: Vec<_> = differences.iter().map(told_difference).collect();
        let object = json!({
            "ok": differences.is_empty(), "records": records, "readings": readings,
            "judgements": recorded.len(), "missing": missing, "skipped": skipped, "differences": told,
        });
        println!("{object}");
    } else {
        for (first, last) in missing {
            println!(
                "missing: seq {first} to {last}; judged again from the next state record on, where delays begin anew"
            );
        }
        if *skipped > 0 {
            println!("{skipped} records between missing ones and a state record were not judged");
        }
        for difference in &differences {
            println!("{}", told_difference(difference));
        }
        println!(
            "{}: {readings} readings of {records} records, {} alarm changes and deviation candidates on record",
            if differences.is_empty() { "THE SAME, byte for byte" } else { "NOT THE SAME" },
            recorded.len()
        );
    }
    if differences.is_empty() { Done::Fine } else { Done::Problem }
}

fn told_difference(difference: &Difference) -> String {
    let place = difference.unit.as_deref().unwrap_or("the agent itself");
    let told =
        |judgement: &Option<Judgement>| judgement.as_ref().map_or("nothing".to_owned(), told);
    format!(
        "{place}: on record is {}; judged again: {}",
        told(&difference.recorded),
        told(&difference.judged)
    )
}

fn told(judgement: &Judgement) -> String {
    let what = match &judgement.body {
        Body::Alarm(change) => {
            let AlarmChange { alarm, transition, at, state, .. } = change;
            format!("{alarm} {transition} at {} ms, then {state}, {change:?}", at.0 / 1_000_000)
        }
        Body::Deviation(deviation) => {
            let rules: Vec<&str> = deviation.rules.iter().map(|(rule, _)| rule.word()).collect();
            format!("deviation {} {} ({})", deviation.id, deviation.change.word(), rules.join(", "))
        }
        Body::Telemetry(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Batch(_)
        | Body::Event(_)
        | Body::State(_)
        | Body::Health(_) => "something else".to_owned(),
    };
    judgement.seq.map_or(what.clone(), |seq| format!("seq {seq}: {what}"))
}

/// How often each alarm was raised and each deviation candidate opened: then and now.
fn rehearsed(outcome: &Replayed, json: bool) {
    let mut counts: BTreeMap<(String, String), [u64; 2]> = BTreeMap::new();
    for (index, list) in [&outcome.recorded, &outcome.judged].into_iter().enumerate() {
        for one in list {
            let unit = one.unit.clone().unwrap_or_else(|| "agent".to_owned());
            let what = match &one.body {
                Body::Alarm(change)
                    if change.transition == cellwatch_model::AlarmTransition::Raised =>
                {
                    change.alarm.clone()
                }
                Body::Deviation(deviation)
                    if deviation.change == cellwatch_record::DeviationChange::Opened =>
                {
                    format!("deviation of {}", deviation.alarm)
                }
                Body::Alarm(_)
                | Body::Deviation(_)
                | Body::Telemetry(_)
                | Body::Action(_)
                | Body::Result(_)
                | Body::Batch(_)
                | Body::Event(_)
                | Body::State(_)
                | Body::Health(_) => continue,
            };
            counts.entry((unit, what)).or_default()[index] += 1;
        }
    }
    if json {
        let rows = counts.iter().map(|((unit, what), [was, would])| {
            json!({ "unit": unit, "what": what, "on_record": was, "would_be": would })
        });
        println!("{}", json!({ "readings": outcome.readings, "raised": rows.collect::<Vec<_>>() }));
        return;
    }
    println!("| unit | raised | on record | with this Master File |\n|---|---|---|---|");
    for ((unit, what), [was, would]) in &counts {
        println!("| {unit} | {what} | {was} | {would} |");
    }
    println!("\n{} readings were judged again.", outcome.readings);
}
