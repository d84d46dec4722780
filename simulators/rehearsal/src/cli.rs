//! The commands.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use cellwatch_rehearsal::account::{self, Line};
use cellwatch_rehearsal::run::{Installation, Ran, run as run_scenario};
use cellwatch_rehearsal::scenario::{LIBRARY, Scenario, known};
use clap::{Args, Parser, Subcommand};
use serde_json::json;

/// Runs whole cultures in virtual time: the agent's core and a simulated reactor, without processes.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a scenario, says what people see, judges the records again, and prints the speed.
    Run(Run),
    /// Lists the scenarios that come with the program.
    Scenarios {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// A scenario of the list, or the path of a scenario's TOML.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// Another Master File than the example's, to rehearse with: its text, not yet signed.
    #[arg(long, value_name = "FILE")]
    master_file: Option<PathBuf>,
    /// Run for so many hours of the culture, instead of the scenario's.
    #[arg(long, value_name = "H")]
    hours: Option<f64>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => rehearse(&run),
        Command::Scenarios { json } => scenarios(json),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("rehearsal: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn scenarios(json: bool) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    for one in LIBRARY {
        let scenario = Scenario::parse(one.id, one.text)?;
        if json {
            let line = json!({ "id": one.id, "hours": scenario.hours, "about": scenario.about });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{:<18} {:>5} h  {}", one.id, scenario.hours, scenario.about)?;
        }
    }
    Ok(true)
}

fn rehearse(asked: &Run) -> anyhow::Result<bool> {
    let known = known(&asked.scenario);
    let mut scenario = match known {
        Some(known) => Scenario::parse(known.id, known.text)?,
        None => {
            let text = std::fs::read_to_string(&asked.scenario).with_context(|| {
                format!(
                    "{} is no scenario of `rehearsal scenarios`, and no file that can be read",
                    asked.scenario
                )
            })?;
            Scenario::parse(&asked.scenario, &text)?
        }
    };
    let is_whole = asked.hours.is_none() && asked.master_file.is_none();
    if let Some(hours) = asked.hours {
        scenario.hours = hours;
    }
    let installation = match &asked.master_file {
        None => Installation::example(None)?,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            Installation::example(Some((&path.display().to_string(), &text)))?
        }
    };
    let begin = Instant::now();
    let ran = run_scenario(&scenario, &installation, |hours| eprintln!("day {:.0}", hours / 24.0))?;
    let wall_s = begin.elapsed().as_secs_f64();
    let seen = account::lines(&ran);
    let replayed = account::replay(&ran, &installation).map_err(anyhow::Error::msg)?;
    let differences = replayed.differences();
    let expected = known.and_then(|known| known.expected).filter(|_| is_whole);
    let expected = expected.map(account::expectation).transpose().map_err(anyhow::Error::msg)?;
    let otherwise = expected.and_then(|expected| account::difference(&expected, &seen));
    let found = Found { wall_s, hours: scenario.hours, ran: &ran, seen: &seen };
    if asked.json {
        found.say_json(differences.is_empty(), otherwise.as_deref())?;
    } else {
        found.say(differences.is_empty(), otherwise.as_deref())?;
    }
    Ok(differences.is_empty() && otherwise.is_none())
}

struct Found<'r> {
    wall_s: f64,
    hours: f64,
    ran: &'r Ran,
    seen: &'r [Line],
}

impl Found<'_> {
    /// Twelve days are the length of a long culture.
    fn per_twelve_days_s(&self) -> f64 {
        self.wall_s * 288.0 / self.hours
    }

    fn say(&self, replays: bool, otherwise: Option<&str>) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        for line in self.seen {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
        if let Some(otherwise) = otherwise {
            writeln!(out, "NOT as expected.\n{otherwise}")?;
        }
        let verdict = if replays { "give the same verdict" } else { "give ANOTHER verdict" };
        writeln!(out, "The records, judged again, {verdict}.")?;
        writeln!(
            out,
            "\n| culture, h | wall, s | 12 days, s | records | sealed, MiB | requests |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        writeln!(
            out,
            "| {} | {:.1} | {:.1} | {} | {:.1} | {} |",
            self.hours,
            self.wall_s,
            self.per_twelve_days_s(),
            self.ran.payloads.len(),
            self.ran.sealed_bytes as f64 / f64::from(1 << 20),
            self.ran.requests
        )?;
        Ok(())
    }

    fn say_json(&self, replays: bool, otherwise: Option<&str>) -> anyhow::Result<()> {
        let lines: Vec<String> = self.seen.iter().map(ToString::to_string).collect();
        let object = json!({
            "hours": self.hours,
            "wall_s": self.wall_s,
            "twelve_days_s": self.per_twelve_days_s(),
            "records": self.ran.payloads.len(),
            "sealed_bytes": self.ran.sealed_bytes,
            "requests": self.ran.requests,
            "replays": replays,
            "not_as_expected": otherwise,
            "seen": lines,
        });
        writeln!(std::io::stdout().lock(), "{object}")?;
        Ok(())
    }
}
