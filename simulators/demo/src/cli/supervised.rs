//! Becomes another program, which is asked to end when the demo is gone, however it went.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Context;

pub(super) fn run(command: &[OsString]) -> anyhow::Result<Infallible> {
    let (program, arguments) = command.split_first().context("no program is named")?;
    // The demo ends its processes itself. This is for the day on which it is killed.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
        .context("cannot ask to be told of the demo's end")?;
    let cause = Command::new(program).args(arguments).exec();
    Err(cause).with_context(|| format!("cannot run {}", program.display()))
}
