//! A program whose wall clock the test sets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::finish;

/// A wall clock that a test sets; monotonic time goes on as it is.
#[derive(Debug)]
pub struct FakeTime {
    library: String,
    offset: PathBuf,
}

impl FakeTime {
    /// One that is right, kept in a file of `rig`.
    ///
    /// # Panics
    /// faketime is not there: `tests/run` installs it.
    #[must_use]
    pub fn new(rig: &Path) -> Self {
        forget_the_killed();
        // faketime's own wrapper says where its library is.
        let mut ask = Command::new("faketime");
        ask.args(["-f", "+0s", "sh", "-c", "echo $LD_PRELOAD"]);
        let library = finish(ask).stdout.trim().to_owned();
        assert!(library.contains("libfaketime"), "{library}: `tests/run` installs faketime");
        let clock = Self { library, offset: rig.join("clock") };
        clock.set("+0");
        clock
    }

    /// The clock is so many seconds ahead from now on, as faketime takes it: `+7200`, `-86400`.
    ///
    /// # Panics
    /// Its file cannot be written.
    pub fn set(&self, offset: &str) {
        // A reader in between must not find an empty file.
        let new = self.offset.with_extension("new");
        fs::write(&new, format!("{offset}\n")).expect("a file");
        fs::rename(&new, &self.offset).expect("a file");
    }

    /// Lets a program have this clock.
    pub fn give(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.offset)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1");
    }
}

/// faketime keeps a semaphore and a shared memory under the process's number and refuses to start where they are there
/// already. Whoever is killed leaves them behind, for the next one that gets its number.
fn forget_the_killed() {
    for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = ["faketime_shm_", "sem.faketime_sem_"]
            .iter()
            .find_map(|before| name.strip_prefix(before)?.parse::<u32>().ok());
        if number.is_some_and(|number| !Path::new(&format!("/proc/{number}")).exists()) {
            // Another test may have been faster.
            let _is_gone = fs::remove_file(entry.path());
        }
    }
}
