//! Does what the command line asks for.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use tracing_subscriber::EnvFilter;

use super::supervised;
use super::{BrokerArgs, Cli, Command};
use crate::{broker, show};

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => show::run(&cli.demo),
        Some(Command::Broker(args)) => serve_broker(&args),
        Some(Command::Supervised { command }) => {
            supervised::run(&command).map(|never| match never {})
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("demo: {error:#}");
        ExitCode::from(2)
    })
}

fn serve_broker(args: &BrokerArgs) -> anyhow::Result<ExitCode> {
    let filter =
        EnvFilter::try_from_env("CELLWATCH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let running = broker::start(&args.files, args.port)?;
    let ready = serde_json::json!({ "ready": true, "mqtt": running.address().to_string() });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("standard output")?;
    running.wait();
    bail!("the broker ended by itself: its log above says why")
}
