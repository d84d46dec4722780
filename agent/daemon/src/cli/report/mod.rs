//! `cellwatch report`: what a batch was, for people, out of the journal alone.

mod collect;
mod print;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::Done;
use crate::installation::Installation;
use crate::journal;
use collect::{Collector, Known};

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A folder of segments, or a data folder that holds one; the site file's by default.
    #[arg(value_name = "JOURNAL")]
    journal: Option<PathBuf>,
    /// The site file, whose journal is taken where none is named.
    #[arg(long, value_name = "FILE", default_value = "site.toml")]
    config: PathBuf,
    /// The batch; without it, the batches of the journal are listed.
    #[arg(long, value_name = "ID")]
    batch: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn report(asked: &ReportArgs) -> anyhow::Result<Done> {
    let folder = match &asked.journal {
        Some(folder) => folder.clone(),
        None => Installation::read(&asked.config)?.data_dir(),
    };
    let inner = folder.join("journal");
    let folder = if inner.is_dir() { inner } else { folder };
    let mut known = Known::default();
    journal::walk(&folder, |record| {
        known.take(&record);
        true
    })?;
    let Some(id) = &asked.batch else {
        print::batches(&known, asked.json);
        return Ok(Done::Fine);
    };
    let Some(batch) = known.batches.get(id) else {
        let ids: Vec<&str> = known.batches.keys().map(String::as_str).collect();
        bail!("the journal holds no batch {id}; it holds {}", ids.join(", "));
    };
    let mut collector = Collector::new(id.clone(), batch);
    journal::walk(&folder, |record| {
        collector.take(record);
        true
    })?;
    let report = collector.finish();
    if asked.json {
        println!("{}", print::json(&report));
    } else {
        print!("{}", print::text(&report));
    }
    Ok(Done::Fine)
}
