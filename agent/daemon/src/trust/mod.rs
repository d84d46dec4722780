//! Whom this agent believes: root keys, and the roster that they signed.
//!
//! The first roster is believed because root keys of the site file have signed it, each later one because the
//! roots of the one before have. `state.db` keeps the last one with those roots, so that it stands after a
//! restart although the roots of the site file may have signed only the first. With other root keys in the site
//! file, everything begins anew.

mod read;
mod received;

use std::path::PathBuf;

use cellwatch_model::Utc;
use cellwatch_record::Hash;
use cellwatch_seal::{KeyFileError, PublicKey, Roster, RosterError};

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
    /// The root keys by which it is believed.
    roots: Vec<PublicKey>,
    /// SHA-256 of the root keys that the site file names.
    anchor: Hash,
}

impl Trust {
    /// Why the roster may not approve anything new now, if so; none where the clock says nothing.
    #[must_use]
    pub fn expired(&self, now: Option<Utc>) -> Option<String> {
        let expires = self.roster.expires;
        now.filter(|now| *now >= expires).map(|_| RosterError::Expired { expires }.to_string())
    }
}
