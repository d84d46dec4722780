//! The agent's key files: the one that the site file names, and beside it, with `.next` behind its name, the one that is
//! to follow (`cellwatch keygen --rotate`).

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellwatch_seal::{AgentKeys, KeyFileError, Sealer, SealingKey, key_file};

use crate::installation::Installation;
use crate::journal::JournalError;
use crate::state::State;
use crate::trust::{Trust, TrustError};

/// Where they are.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    current: PathBuf,
    next: PathBuf,
}

/// What is there.
#[derive(Debug)]
pub struct Found {
    /// The key that the site file names, or why there is none that may be used.
    pub current: Result<Arc<SealingKey>, KeyFileError>,
    /// The key that is to follow.
    pub next: Option<Arc<SealingKey>>,
}

impl KeyFiles {
    /// Of this installation.
    #[must_use]
    pub fn of(installation: &Installation) -> Self {
        let current = installation.path(&installation.site.agent.key);
        let mut next = current.clone().into_os_string();
        next.push(".next");
        Self { current, next: next.into() }
    }

    /// The file of the key that is to follow.
    #[must_use]
    pub fn next(&self) -> &Path {
        &self.next
    }

    /// Both files, for those who look after their rights.
    #[must_use]
    pub fn both(&self) -> [PathBuf; 2] {
        [self.current.clone(), self.next.clone()]
    }

    /// Reads both. A key on which others have rights is none.
    #[must_use]
    pub fn read(&self) -> Found {
        let current = key_file::read(&self.current).map(Arc::new);
        let next = match key_file::read(&self.next) {
            Ok(next) => Some(Arc::new(next)),
            Err(KeyFileError::Missing { .. }) => None,
            Err(error) => {
                tracing::error!("the next key cannot be used: {error}");
                None
            }
        };
        Found { current, next }
    }

    /// The next key takes the place of the present one, whose file is gone then.
    ///
    /// # Errors
    /// The disk refuses; the next start tries again.
    pub fn take_over(&self) -> io::Result<()> {
        fs::rename(&self.next, &self.current)?;
        let folder = self.current.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Found {
    /// The public halves.
    #[must_use]
    pub fn public(&self) -> AgentKeys {
        let current = self.current.as_ref().ok();
        current.into_iter().chain(&self.next).map(|key| key.public()).collect()
    }
}

/// Why nobody's seal can be judged.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The roster.
    #[error("{0}")]
    Trust(#[from] TrustError),
    /// `state.db`.
    #[error("{0}")]
    State(#[from] JournalError),
}

/// Every key that may have sealed records here: those in the files, those that the roster lists for this agent, and those
/// that have sealed before; and the roster.
///
/// # Errors
/// There is no roster to be believed, or `state.db` cannot be read.
pub fn known_keys(installation: &Installation) -> Result<(AgentKeys, Trust), KeysError> {
    let state = State::open_to_read(&installation.data_dir())?;
    let stored = state.as_ref().map(State::roster).transpose()?.flatten();
    let (trust, _) = Trust::read(installation, stored)?;
    let mut keys = AgentKeys::of_roster(&trust.roster, &installation.site.agent.id);
    keys.extend(KeyFiles::of(installation).read().public().iter().copied());
    if let Some(state) = state {
        keys.extend(state.sealing_keys()?);
    }
    Ok((keys, trust))
}
