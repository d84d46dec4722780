//! What a process costs, by the kernel's own accounts.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use crate::await_until;

/// Seconds of work of a process so far, all threads: what the scheduler counted (proc(5), `/proc/PID/task/TID/schedstat`, first
/// field, nanoseconds).
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn work_s(process: u32) -> f64 {
    work_by_thread(process).values().sum()
}

/// The same by the threads' names (proc(5), `/proc/PID/task/TID/comm`).
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn work_by_thread(process: u32) -> BTreeMap<String, f64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let mut all = BTreeMap::new();
    for (name, ns) in threads.filter_map(|thread| {
        // A thread may have ended meanwhile.
        let folder = thread.ok()?.path();
        let text = fs::read_to_string(folder.join("schedstat")).ok()?;
        let ns = text.split(' ').next()?.parse::<u64>().ok()?;
        Some((fs::read_to_string(folder.join("comm")).ok()?.trim().to_owned(), ns))
    }) {
        *all.entry(name).or_default() += to_f64(ns) / 1e9;
    }
    all
}

/// Resident memory, MiB (proc(5), `VmRSS`).
///
/// # Panics
/// There is no such process.
#[must_use]
pub fn resident_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kib = line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number");
    to_f64(kib) / 1024.0
}

/// A window in which something is measured.
pub fn pause(window: Duration) {
    let since = Instant::now();
    await_until("the window's end", window * 2, || {
        let left = window.saturating_sub(since.elapsed());
        if left.is_zero() { Ok(()) } else { Err(left.as_secs()) }
    });
}

/// A count as a number to divide.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of minutes are far below 2^53")]
pub const fn to_f64(count: u64) -> f64 {
    count as f64
}
