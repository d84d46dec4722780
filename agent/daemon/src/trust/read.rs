//! Which roster a start begins with.

use std::path::Path;

use cellwatch_core::door::RosterOffer;
use cellwatch_record::{Hash, sha256};
use cellwatch_seal::{PublicKey, Roster, key_file};

use super::{Trust, TrustError};
use crate::installation::Installation;
use crate::state::KeptRoster;

impl Trust {
    /// Reads the roster of a site. `kept` is the one that was last believed: the file of the site file
    /// replaces it only as any other roster would, newer and signed by its roots. The roster's expiry is
    /// judged when something new is to be approved, not here: a running site goes on.
    ///
    /// Beside it stands what is to go on record: that the file's roster is in use from now on, or why not.
    ///
    /// # Errors
    /// There is no roster to be believed.
    pub fn read(
        installation: &Installation,
        kept: Option<KeptRoster>,
    ) -> Result<(Self, Option<RosterOffer>), TrustError> {
        let trust = &installation.site.trust;
        let mut roots = trust
            .root_keys
            .iter()
            .map(|path| key_file::read_public(&installation.path(path)))
            .collect::<Result<Vec<_>, _>>()?;
        roots.sort_unstable();
        roots.dedup();
        let anchor = sha256(&roots.iter().flat_map(|root| root.0).collect::<Vec<u8>>());
        let kept = kept.filter(|kept| kept.anchor == anchor).and_then(|kept| {
            let opened = Roster::open(&kept.signed, &kept.roots, None);
            opened.map_err(|error| tracing::error!("the roster that was kept: {error}")).ok().map(
                |roster| Self {
                    roster: roster.into_inner(),
                    signed: kept.signed,
                    roots: kept.roots,
                    anchor,
                },
            )
        });
        let path = installation.path(&trust.roster);
        let origin = path.display().to_string();
        let signed = std::fs::read(&path);
        let Some(mut kept) = kept else {
            let signed = signed.map_err(|cause| TrustError::Read { path: path.clone(), cause })?;
            let first = Self::first(&path, signed, roots, anchor)?;
            let (version, sha256) = (first.roster.version, sha256(&first.signed));
            return Ok((first, Some(RosterOffer { origin, sha256, outcome: Ok(version) })));
        };
        let offer = match signed {
            Ok(signed) => kept.succeed(&origin, &signed, None),
            Err(cause) => {
                tracing::error!(
                    "{origin}: {cause} (trust.roster of the site file); the roster that was believed before stays in use"
                );
                None
            }
        };
        Ok((kept, offer))
    }

    fn first(
        path: &Path,
        signed: Vec<u8>,
        roots: Vec<PublicKey>,
        anchor: Hash,
    ) -> Result<Self, TrustError> {
        let roster = Roster::open(&signed, &roots, None)
            .map_err(|cause| TrustError::Roster { path: path.to_owned(), cause })?
            .into_inner();
        Ok(Self { roster, signed, roots, anchor })
    }

    /// What the next start needs.
    #[must_use]
    pub fn kept(&self) -> KeptRoster {
        KeptRoster { signed: self.signed.clone(), roots: self.roots.clone(), anchor: self.anchor }
    }
}
