//! `cellwatch export`, and what `cellwatch verify` says of batches and exports.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cellwatch_export::{
    ExportFolder, ExportVerdict, Made, Trust as Keys, check, export_batch, export_range,
    find_batch, prove_batch,
};
use cellwatch_model::Utc;
use cellwatch_record::{Maker, Selection};
use cellwatch_seal::key_file;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::Done;
use crate::clock::Clocks;
use crate::control::account_name;
use crate::installation::Installation;
use crate::journal::{JournalFolder, followed};
use crate::keys::known_keys;

/// The arguments of `cellwatch export`.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The site file, whose journal and key are taken.
    #[arg(long, value_name = "FILE", default_value = "site.toml")]
    config: PathBuf,
    /// The batch to export; without it, a time range.
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to"])]
    batch: Option<String>,
    /// From this time on, RFC 3339.
    #[arg(long, value_name = "TIME", requires = "to", required_unless_present = "batch")]
    from: Option<Timestamp>,
    /// Before this time, RFC 3339.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Timestamp>,
    /// New folder for the export.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn export(arguments: &Export) -> anyhow::Result<Done> {
    let installation = Installation::read(&arguments.config)?;
    let site = &installation.site;
    let key = key_file::read(&installation.path(&site.agent.key))?;
    let (known, _) = known_keys(&installation)?;
    let known = followed(&installation.journal_dir(), &known)?;
    let keys = Keys { agent_keys: known.iter().copied().collect(), roster: None };
    let source = JournalFolder(installation.journal_dir());
    let mut folder = ExportFolder::create(&arguments.out)?;
    let (selection, seal) = if let Some(batch) = &arguments.batch {
        let found = find_batch(&source, &keys, batch)?;
        let found = found.with_context(|| format!("the journal has no record of batch {batch}"))?;
        let seal = export_batch(&source, &keys, (batch, &found), &mut folder)?;
        (Selection::Batch { unit: found.unit, batch: batch.clone() }, seal)
    } else {
        let (Some(from), Some(to)) = (arguments.from, arguments.to) else {
            bail!("name a batch, or a time range with --from and --to");
        };
        let (from, to) = (utc(from)?, utc(to)?);
        export_range(&source, &keys, (from, to), &mut folder)?;
        (Selection::Range { from, to }, None)
    };
    let uid = rustix::process::getuid().as_raw();
    let made = Made {
        agent: site.agent.id.clone(),
        maker: Maker::Agent,
        program: concat!("cellwatch ", env!("CARGO_PKG_VERSION")).to_owned(),
        asked_by: account_name(uid).unwrap_or_else(|| format!("uid {uid}")),
        issued: Clocks::new(site.agent.clock).now().utc,
        selection,
        seal,
    };
    let manifest = folder.finish(made, &key)?;
    let records: u64 = manifest.journals.iter().map(|journal| journal.records).sum();
    if arguments.json {
        let files: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
        println!(
            "{}",
            json!({ "ok": true, "records": records, "files": files, "sealed": seal.is_some() })
        );
    } else {
        println!(
            "{records} records in {} files in {}",
            manifest.files.len(),
            arguments.out.display()
        );
    }
    Ok(Done::Fine)
}

fn utc(time: Timestamp) -> anyhow::Result<Utc> {
    let ns = i64::try_from(time.as_nanosecond());
    Ok(Utc(ns.with_context(|| format!("{time} is too far from the present"))?))
}

/// Proves a batch from the journal alone.
pub(super) fn verify_batch(
    folder: &Path,
    keys: &Keys,
    batch: &str,
    as_json: bool,
) -> anyhow::Result<Done> {
    let source = JournalFolder(folder.to_owned());
    let found = find_batch(&source, keys, batch)?;
    let found = found.with_context(|| {
        format!("{}: there is no record of batch {batch}; cellwatch verify without --batch walks the whole", folder.display())
    })?;
    let Some(seal) = &found.seal else {
        let words = format!(
            "batch {batch} of unit {} is not sealed: it runs, or could not be sealed",
            found.unit
        );
        if as_json {
            println!(
                "{}",
                json!({ "ok": false, "batch": batch, "unit": found.unit, "problems": [words] })
            );
        } else {
            println!("BAD: {words}");
        }
        return Ok(Done::Problem);
    };
    let verdict = prove_batch(&source, keys, seal)?;
    let completeness = found.completeness(keys, &verdict);
    if as_json {
        let mut line = verdict.to_json();
        line["completeness"] = completeness;
        println!("{line}");
    } else {
        println!("{}", verdict.to_text());
        match completeness["found"].as_str() {
            Some(found) => println!(
                "The Control Site said \"{found}\" on {}; its seal: {}",
                completeness["issued"].as_str().unwrap_or_default(),
                completeness["seal"].as_str().unwrap_or_default()
            ),
            None => println!("The Control Site has not said yet that it has everything."),
        }
    }
    Ok(if verdict.is_whole() { Done::Fine } else { Done::Problem })
}

/// Verifies an export.
pub(super) fn verify_export(folder: &Path, keys: &Keys, as_json: bool) -> anyhow::Result<Done> {
    let verdict: ExportVerdict = check(folder, keys)?;
    println!("{}", if as_json { verdict.to_json().to_string() } else { verdict.to_text() });
    Ok(if verdict.is_good() { Done::Fine } else { Done::Problem })
}
