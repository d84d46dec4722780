//! `demo`: everything at once. `cargo demo` runs it.
//!
//! Exit status: 0 everything was verified and the alarm came, 1 it did not, 2 could not run.

use std::process::ExitCode;

fn main() -> ExitCode {
    cellwatch_demo::cli::run()
}
