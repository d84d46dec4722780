//! The last lines of a log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Most lines that are shown.
pub const LINES_MAX: usize = 15;
const BYTES_MAX: u64 = 16 << 10;

/// The last lines of a log, indented; what cannot be read is said instead.
#[must_use]
pub fn log_tail(path: &Path) -> String {
    let text = match read_end(path) {
        Ok(text) => text,
        Err(cause) => return format!("    (cannot read {}: {cause})", path.display()),
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return format!("    (nothing in {})", path.display());
    }
    let last = &lines[lines.len().saturating_sub(LINES_MAX)..];
    last.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn read_end(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(BYTES_MAX)))?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
