//! The folder of one demo.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::TempDir;

/// The folder of one demo: removed when it is dropped, unless it shall stay.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    temporary: Option<TempDir>,
}

impl Folder {
    /// Makes `asked`, which must be new or empty, or else a fresh one among the temporary files.
    ///
    /// # Errors
    /// Something is in it, or it cannot be made.
    pub fn new(asked: Option<&Path>, keep: bool) -> anyhow::Result<Self> {
        let folder = match asked {
            Some(asked) => {
                let path = Self::check(asked)?;
                Self { path, temporary: None }
            }
            None => {
                let made = tempfile::Builder::new()
                    .prefix("cellwatch-demo-")
                    .tempdir()
                    .context("cannot make a folder among the temporary files; give --data")?;
                let mut folder = Self { path: made.path().to_owned(), temporary: Some(made) };
                if keep {
                    folder.keep();
                }
                folder
            }
        };
        for name in ["agent", "control-site", "logs", "profiles"] {
            let path = folder.path.join(name);
            fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        }
        Ok(folder)
    }

    /// Checks that `asked` is new or empty, and gives its absolute path.
    ///
    /// # Errors
    /// Something is in it, or it is no folder.
    pub fn check(asked: &Path) -> anyhow::Result<PathBuf> {
        let path = std::path::absolute(asked).context("--data")?;
        require_empty(&path)?;
        Ok(path)
    }

    /// Leaves it there at the end.
    pub fn keep(&mut self) {
        if let Some(made) = self.temporary.take() {
            self.path = made.keep();
        }
    }

    /// True if it stays at the end.
    #[must_use]
    pub const fn stays(&self) -> bool {
        self.temporary.is_none()
    }

    /// A path in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The agent's journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.join("agent/journal")
    }

    /// The Control Site's database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.join("control-site/control-site.db")
    }
}

fn require_empty(path: &Path) -> anyhow::Result<()> {
    match fs::read_dir(path) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                bail!(
                    "{} is not empty: give --data a new folder, or empty this one",
                    path.display()
                );
            }
            Ok(())
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause).with_context(|| format!("cannot use {}", path.display())),
    }
}
