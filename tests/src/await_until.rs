//! The one place where a test waits.

use std::time::{Duration, Instant};

/// Between two looks. Short against everything that is awaited, long enough to leave the processes their share.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until `seen` gives something, and gives it. `within` only bounds a failing test: no test passes or fails
/// by how long something took.
///
/// # Panics
/// It has not come within `within`; the message names `what`, and what was seen last.
pub fn await_until<T, E: std::fmt::Display>(
    what: &str,
    within: Duration,
    mut seen: impl FnMut() -> Result<T, E>,
) -> T {
    let until = Instant::now() + within;
    loop {
        match seen() {
            Ok(found) => return found,
            Err(instead) if Instant::now() >= until => {
                panic!("{what}: has not come within {} s; last seen: {instead}", within.as_secs())
            }
            Err(_) => pause(),
        }
    }
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "other processes give no event to wait for")]
    std::thread::sleep(LOOK_EVERY);
}
