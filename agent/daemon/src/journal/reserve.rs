//! A file that keeps room free on the disk, to be given up when nothing else is free (LAW-10).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// With less than this free, bytes, a start gives the reserve up before it writes anything, and a commit that
/// fails is taken to have failed for want of room.
const NOTHING_FREE_BYTES: u64 = 1 << 20;
/// While the reserve is in use, the disk is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The reserve.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    bytes: u64,
    is_whole: bool,
    looked: Instant,
}

impl Reserve {
    /// Sees to a reserve of `bytes` in `data_dir`; gives it up at once where nothing else is free.
    #[must_use]
    pub fn of(data_dir: &Path, bytes: u64) -> Self {
        let path = data_dir.join("reserve");
        let mut reserve = Self { path, bytes, is_whole: false, looked: Instant::now() };
        let there = fs::metadata(&reserve.path).map_or(0, |found| found.len());
        if there == bytes && free_bytes(data_dir) >= NOTHING_FREE_BYTES {
            reserve.is_whole = true;
        } else {
            reserve.give_up();
            reserve.make();
        }
        reserve
    }

    /// True while it is there to be given up.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Gives the room free if the disk is full; true if it did.
    pub(super) fn give_up_if_full(&mut self) -> bool {
        let is_full = self.is_whole && free_bytes(self.folder()) < NOTHING_FREE_BYTES;
        if is_full {
            self.give_up();
            tracing::error!(
                "the disk is full: {} MiB of reserve are free for alarms, actions and events; readings are judged but not recorded. Free space on the disk of {}",
                self.bytes >> 20,
                self.folder().display()
            );
        }
        is_full
    }

    /// Makes it anew where there is room again; true if it did.
    pub(super) fn restore(&mut self) -> bool {
        if self.is_whole || self.looked.elapsed() < LOOK_EVERY {
            return false;
        }
        self.looked = Instant::now();
        self.make();
        if self.is_whole {
            tracing::warn!(
                "there is room on the disk again: readings are recorded, the reserve is whole"
            );
        }
        self.is_whole
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn give_up(&mut self) {
        self.is_whole = false;
        if let Err(cause) = fs::remove_file(&self.path)
            && cause.kind() != io::ErrorKind::NotFound
        {
            tracing::error!("{}: the reserve cannot be given up: {cause}", self.path.display());
        }
    }

    /// Only where as much again stays free, so that it is not given up and made in turns.
    fn make(&mut self) {
        if free_bytes(self.folder()) < self.bytes.saturating_mul(2).max(NOTHING_FREE_BYTES) {
            return;
        }
        match allocate(&self.path, self.bytes) {
            Ok(()) => self.is_whole = true,
            Err(cause) => {
                tracing::warn!("{}: no reserve can be kept: {cause}", self.path.display());
                self.give_up();
            }
        }
    }
}

/// Free for this account, bytes; as much as there may be where the system does not say.
fn free_bytes(folder: &Path) -> u64 {
    statvfs(folder).map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize))
}

fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    if fallocate(&file, FallocateFlags::empty(), 0, bytes).is_err() {
        // File systems that cannot give room in advance take zeros.
        let zeros = vec![0; 1 << 16];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(zeros.len() as u64);
            file.write_all(&zeros[..usize::try_from(now).unwrap_or(0)])?;
            left -= now;
        }
    }
    file.sync_all()
}
