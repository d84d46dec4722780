//! The program `rehearsal`. Exit status: 0 done, 1 ran and found a problem, 2 could not run.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
