//! A program that does something and ends.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs a program to its end.
///
/// # Errors
/// It cannot be started, or ended with another status than 0: then with what it said.
pub fn once<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<()> {
    let name = program.file_name().unwrap_or_default().display().to_string();
    let done = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{name} could not do its work ({}):\n{}", done.status, said.trim_end());
    }
    Ok(())
}
