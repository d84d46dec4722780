//! Whom this agent believes: root keys, and the roster that they signed.

use std::path::{Path, PathBuf};

use cellwatch_core::door::Input;
use cellwatch_model::Utc;
use cellwatch_record::{
    COMPLETENESS_CONTENT_TYPE, CompletenessReceipt, JournalId, RECEIPT_CONTENT_TYPE, Receipt,
};
use cellwatch_seal::{KeyFileError, PublicKey, Roster, RosterError, key_file};

use crate::installation::Installation;

/// Why nobody can be believed.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A root key.
    #[error("{0} (trust.root_keys of the site file)")]
    RootKey(#[from] KeyFileError),
    /// The roster's file.
    #[error("{path}: {cause} (trust.roster of the site file)")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The roster.
    #[error(
        "{path}: {cause} (trust.roster of the site file); get a roster from the Control Site that the root keys of this site have signed"
    )]
    Roster {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: RosterError,
    },
}

/// A roster that is believed.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The roster.
    pub roster: Roster,
    /// As it was signed.
    pub signed: Vec<u8>,
}

impl Trust {
    /// Reads the roster of a site. `stored` is the one that was last believed: an older one never
    /// replaces it, and it stands in for a file that cannot be believed. The roster's expiry is
    /// judged when something new is to be approved, not here: a running site goes on.
    ///
    /// # Errors
    /// There is no roster to be believed.
    pub fn read(installation: &Installation, stored: Option<Vec<u8>>) -> Result<Self, TrustError> {
        let trust = &installation.site.trust;
        let roots = trust
            .root_keys
            .iter()
            .map(|path| key_file::read_public(&installation.path(path)))
            .collect::<Result<Vec<_>, _>>()?;
        let path = installation.path(&trust.roster);
        let offered = read_file(&path, &roots);
        let stored = stored.and_then(|signed| open(signed, &roots).ok());
        match (offered, stored) {
            (Ok(offered), Some(stored)) if offered.roster.version < stored.roster.version => {
                tracing::error!(
                    "{}: version {} of the roster is older than version {}, which is in use and stays so",
                    path.display(),
                    offered.roster.version,
                    stored.roster.version
                );
                Ok(stored)
            }
            (Ok(offered), _) => Ok(offered),
            (Err(error), Some(stored)) => {
                tracing::error!("{error}; the roster that was believed before stays in use");
                Ok(stored)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Why the roster may not approve anything new now, if so; none where the clock says nothing.
    #[must_use]
    pub fn expired(&self, now: Option<Utc>) -> Option<String> {
        let expires = self.roster.expires;
        now.filter(|now| *now >= expires).map(|_| RosterError::Expired { expires }.to_string())
    }

    /// The receipt in what came from above, if it is one for `agent` and `journal`.
    ///
    /// # Errors
    /// Why it is not taken, in words.
    pub fn receipt(
        &self,
        sealed: &[u8],
        agent: &str,
        journal: JournalId,
    ) -> Result<Receipt, String> {
        let payload = self.by_receipt_key(sealed, RECEIPT_CONTENT_TYPE)?;
        let receipt = Receipt::decode(&payload).map_err(|error| error.to_string())?;
        is_for((&receipt.agent, receipt.journal), (agent, journal))?;
        Ok(receipt)
    }

    /// What the Control Site says of a sealed batch, if it is for `agent` and `journal`.
    ///
    /// # Errors
    /// Why it is not taken, in words.
    pub fn completeness(
        &self,
        sealed: &[u8],
        agent: &str,
        journal: JournalId,
    ) -> Result<Input, String> {
        let payload = self.by_receipt_key(sealed, COMPLETENESS_CONTENT_TYPE)?;
        let receipt = CompletenessReceipt::decode(&payload).map_err(|error| error.to_string())?;
        is_for((&receipt.agent, receipt.journal), (agent, journal))?;
        Ok(Input::Completeness { receipt, sealed: sealed.to_vec() })
    }

    /// What a receipt key of the roster has sealed.
    fn by_receipt_key(&self, sealed: &[u8], content_type: &str) -> Result<Vec<u8>, String> {
        let opened = cellwatch_seal::open(sealed).map_err(|error| error.to_string())?;
        let id = opened.key_id();
        let key = self.roster.receipt_key(&id);
        let key = key.ok_or_else(|| format!("key {id} is no receipt key of the roster"))?;
        let verified = opened.verify(content_type, key).map_err(|error| error.to_string())?;
        Ok(verified.into_inner())
    }
}

fn is_for(found: (&str, JournalId), expected: (&str, JournalId)) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("it is for agent {} and journal {}", found.0, found.1))
}

fn read_file(path: &Path, roots: &[PublicKey]) -> Result<Trust, TrustError> {
    let signed =
        std::fs::read(path).map_err(|cause| TrustError::Read { path: path.to_owned(), cause })?;
    open(signed, roots).map_err(|cause| TrustError::Roster { path: path.to_owned(), cause })
}

fn open(signed: Vec<u8>, roots: &[PublicKey]) -> Result<Trust, RosterError> {
    let roster = Roster::open(&signed, roots, None)?.into_inner();
    Ok(Trust { roster, signed })
}
