//! The binary `cellwatch`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cellwatch_daemon::cli::Cli::parse().execute()
}
