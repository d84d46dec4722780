//! A small file system of a test's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Finished, Process, finish, under};

/// A small file system in a namespace of its own, so that no rights are needed. What runs in it sees it at its place;
/// who looks from outside, at [`SmallDisk::seen`]. It ends with its owner.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
    holder: Process,
}

/// Its process does nothing but to hold it.
const HOLD: &str =
    "mount -t tmpfs -o size=\"$1\"m tmpfs \"$0\" && echo '{\"ready\": true}' && exec cat";

impl SmallDisk {
    /// Mounts one of `mib` MiB at the folder `at`, which is made.
    ///
    /// # Errors
    /// What the system says where it allows no such thing.
    ///
    /// # Panics
    /// The folder cannot be made.
    pub fn mount(rig: &Path, at: &Path, mib: u32) -> Result<Self, String> {
        fs::create_dir_all(at).expect("a folder");
        let words = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        let mut tried = Command::new("unshare");
        tried.args(words).arg("mount -t tmpfs -o size=1m tmpfs \"$0\"").arg(at);
        let tried = finish(tried);
        if tried.status != Some(0) {
            return Err(tried.stderr);
        }
        let mut command = Command::new("unshare");
        command.args(words).arg(HOLD).arg(at).arg(mib.to_string());
        let mut holder = Process::start("small-disk", rig, command);
        let _ready = holder.ready();
        Ok(Self { at: at.to_owned(), holder })
    }

    /// Where it is seen from outside.
    ///
    /// # Panics
    /// It was mounted at a relative path.
    #[must_use]
    pub fn seen(&self) -> PathBuf {
        let at = self.at.strip_prefix("/").expect("an absolute path");
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(at)
    }

    /// The same command, in the namespace. Its environment is to be set afterwards.
    #[must_use]
    pub fn within(&self, command: &Command) -> Command {
        let holder = self.holder.id().to_string();
        let enter =
            ["nsenter", "--target", &holder, "--user", "--mount", "--preserve-credentials", "--"];
        under(&enter, command)
    }

    /// Writes into it until nothing more goes in.
    ///
    /// # Panics
    /// No file can be made in it.
    pub fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a file");
        let mut bytes = 1 << 20;
        while bytes > 0 {
            // What does not fit as a whole is tried in smaller parts.
            if file.write_all(&vec![0xa5; bytes]).is_err() {
                bytes /= 2;
            }
        }
    }

    /// Takes out again what [`Self::fill`] wrote.
    pub fn free(&self) {
        // Nothing was filled: then nothing is to be freed.
        let _ = fs::remove_file(self.filler());
    }

    /// Lets nothing be written to it from now on, or everything again. The kernel refuses the first while a file is open
    /// to be written.
    #[must_use]
    pub fn remount(&self, read_only: bool) -> Finished {
        let mut mount = Command::new("mount");
        mount.args(["-o", if read_only { "remount,ro" } else { "remount,rw" }]).arg(&self.at);
        finish(self.within(&mount))
    }

    fn filler(&self) -> PathBuf {
        self.seen().join("filler")
    }
}
