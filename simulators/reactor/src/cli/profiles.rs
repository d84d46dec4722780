//! `reactor profiles`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use cellwatch_config::profile::{self, Access, Profile};
use cellwatch_reactor::culture::{Culture, Parameters, StartState};
use cellwatch_reactor::face::{Face, Source};
use clap::Args;

#[derive(Args)]
pub(crate) struct Profiles {
    /// Folder with device profiles, `*.toml`.
    folder: PathBuf,
}

impl Profiles {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let parameters = Parameters::parse("parameters.toml", Parameters::EXAMPLE)?;
        let culture = Culture::new(parameters, 1, StartState::Warmed);
        let folder = self.folder.display();
        let entries =
            std::fs::read_dir(&self.folder).with_context(|| format!("cannot read {folder}"))?;
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        let mut problems = 0;
        for path in &paths {
            let name = path.display().to_string();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
            match profile::parse(&name, &text) {
                Ok(profile) => {
                    print(&name, &profile);
                    if let Err(error) = Face::new(profile, &culture, "", 1) {
                        problems += error.problems.len();
                        println!("{error}");
                    }
                }
                Err(error) => {
                    problems += error.0.len();
                    println!("{error}");
                }
            }
            println!();
        }
        println!("{} profiles, {problems} problems", paths.len());
        Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn print(name: &str, profile: &Profile) {
    println!("{} ({}, version {}) in {name}", profile.id, profile.model, profile.version);
    println!(
        "  {:<16} {:<9} {:>7} {:<8} {:<8} {:<16} {:>7}  source",
        "parameter", "table", "address", "type", "unit", "range", "ms"
    );
    for parameter in &profile.parameters {
        let range =
            parameter.range.map_or_else(String::new, |(low, high)| format!("{low} to {high}"));
        let source = Source::of(parameter).map_or("unknown", |source| source.words());
        let panel = if parameter.access == Access::Panel { ", panel" } else { "" };
        println!(
            "  {:<16} {:<9} {:>7} {:<8} {:<8} {:<16} {:>7}  {source}{panel}",
            parameter.name,
            parameter.table.to_string(),
            parameter.address,
            parameter.data_type.to_string(),
            parameter.unit.symbol(),
            range,
            parameter.period_ms,
        );
    }
}
