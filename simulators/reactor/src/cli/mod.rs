//! The command line. Exit status: 0 done, 1 found a problem, 2 could not run.

mod profiles;
mod serve;
mod stack_light;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Simulated bioreactors on Modbus TCP, with faults.
#[derive(Parser)]
#[command(name = "reactor", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves one reactor until SIGTERM or ctrl-c.
    Serve(Box<serve::Serve>),
    /// Serves a stack light and horn until SIGTERM or ctrl-c, and prints what is lit.
    StackLight(stack_light::StackLight),
    /// Lists the device profiles of a folder, and what is wrong with them.
    Profiles(profiles::Profiles),
}

/// Runs the command.
pub(crate) fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    let result = match Cli::parse().command {
        Command::Serve(serve) => serve.run().map(|()| ExitCode::SUCCESS),
        Command::StackLight(light) => light.run().map(|()| ExitCode::SUCCESS),
        Command::Profiles(profiles) => profiles.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("reactor: {error:#}");
        ExitCode::from(2)
    })
}
