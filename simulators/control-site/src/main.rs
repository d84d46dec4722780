//! `control-site`: the stand-in Control Site and its signing tools.
//!
//! Exit status: 0 done, 1 ran and found a problem, 2 could not run.

use std::fmt::Display;
use std::io::IsTerminal;
use std::process::ExitCode;

use cellwatch_control_site::run::{self, RunArgs};
use cellwatch_control_site::tools::{
    CommandArgs, ExportArgs, InspectArgs, KeysArgs, SignArgs, command, export, inspect, keys, sign,
};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Stands in for the Control Site: verifies, stores, receipts, signs.
#[derive(Debug, Parser)]
#[command(name = "control-site", version)]
enum Tool {
    Run(Box<RunArgs>),
    Keys(KeysArgs),
    Sign(SignArgs),
    Command(CommandArgs),
    Inspect(InspectArgs),
    Export(ExportArgs),
}

fn main() -> ExitCode {
    let tool = Tool::parse();
    let filter = EnvFilter::try_from_env("CELLWATCH_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,rumqttc=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match tool {
        Tool::Run(args) => match run::run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, error.status()),
        },
        Tool::Keys(args) => done(keys::run(args)),
        Tool::Sign(args) => done(sign::run(args)),
        Tool::Command(args) => done(command::run(args)),
        Tool::Inspect(args) => done(inspect::run(args)),
        Tool::Export(args) => done(export::run(args)),
    }
}

fn done<E: Display>(result: Result<ExitCode, E>) -> ExitCode {
    result.unwrap_or_else(|error| failed(&error, 2))
}

fn failed(error: &dyn Display, status: u8) -> ExitCode {
    eprintln!("control-site: {error}");
    ExitCode::from(status)
}
