//! Looks at files that people change: the Master File, key files.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::Event;

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Tells the loop when `path` has changed; the file as it is at the start is not told.
pub(super) fn start(
    path: PathBuf,
    events: mpsc::Sender<Event>,
    changed: impl Fn() -> Event + Send + 'static,
) {
    tokio::spawn(async move {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = seen(&path);
        loop {
            look.tick().await;
            let now = self::seen(&path);
            // Half a file is looked at again: its size and time change once more.
            if now.is_some() && now != seen && events.send(changed()).await.is_err() {
                return;
            }
            seen = now;
        }
    });
}

/// Inode, time of its change, size. The time of change moves with the rights on a file, too: a key becomes one by them.
fn seen(path: &Path) -> Option<(u64, i64, i64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.ino(), found.ctime(), found.ctime_nsec(), found.size()))
}
