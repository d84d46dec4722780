//! Whether a roster is to be believed.

use cellwatch_model::Utc;

use super::Roster;
use crate::document::Document;
use crate::{KeyId, PublicKey, ROSTER_CONTENT_TYPE, SealError, Verified};

/// How far two trusted clocks may differ, nanoseconds: a roster issued this much in the future is
/// still accepted.
const CLOCKS_DIFFER_NS: i64 = 300_000_000_000;

/// Why a roster is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Not a signed document.
    #[error("not a signed roster: {0}")]
    NotADocument(SealError),
    /// It was signed as something else.
    #[error("signed as \"{found}\", not as a roster")]
    ContentType {
        /// What it was signed as.
        found: String,
    },
    /// No trusted root key has signed.
    #[error("signed by {}, none of which is a trusted root key", list(signers))]
    WrongRoot {
        /// The keys that it names.
        signers: Vec<KeyId>,
    },
    /// The signature is not the root key's over these bytes.
    #[error("the signature of root key {key_id} does not fit: the roster was changed or forged")]
    BadSignature {
        /// The key.
        key_id: KeyId,
    },
    /// Too few trusted root keys have signed.
    #[error("signed by {have} of the {need} root keys that must sign a roster")]
    Threshold {
        /// How many trusted ones have.
        have: usize,
        /// How many must.
        need: usize,
    },
    /// Not UTF-8.
    #[error("the roster is not UTF-8 text")]
    NotText,
    /// Not TOML of a roster.
    #[error("roster, line {line}: {problem}")]
    Text {
        /// Line, from 1; 0 where it belongs to none.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// What it says cannot be meant.
    #[error("roster: {}", problems.join("; "))]
    Meaning {
        /// All problems.
        problems: Vec<String>,
    },
    /// Its time is over.
    #[error("the roster expired at {}: the Control Site must issue a new one", date(*expires))]
    Expired {
        /// When.
        expires: Utc,
    },
    /// Its time has not come.
    #[error("the roster is issued at {}, in the future: is the clock right?", date(*issued))]
    NotYetIssued {
        /// When.
        issued: Utc,
    },
    /// It uses a key again that the one in use revokes.
    #[error(
        "the roster lists key {key_id} as {owner}, but the one in use has revoked it: give a new key"
    )]
    Revived {
        /// What it would be used for.
        owner: String,
        /// The key.
        key_id: KeyId,
    },
    /// An older one than the one in use.
    #[error("version {found} of the roster is not newer than version {have}, which is in use")]
    NotNewer {
        /// The version in use.
        have: u64,
        /// This one.
        found: u64,
    },
}

pub(crate) fn date(utc: Utc) -> String {
    jiff::Timestamp::from_nanosecond(utc.0.into()).unwrap_or_default().to_string()
}

fn list(signers: &[KeyId]) -> String {
    let signers: Vec<_> = signers.iter().map(KeyId::to_string).collect();
    format!("key {}", signers.join(", "))
}

impl Roster {
    /// The roster in signed bytes, if enough of `trusted_roots` have signed it. Signatures of other
    /// keys count for nothing: while roots change, a roster is signed by old and new ones.
    ///
    /// `now` judges its dates; none where the clock is not trusted or the roster was accepted
    /// before.
    ///
    /// # Errors
    /// Each reason has its own.
    pub fn open(
        bytes: &[u8],
        trusted_roots: &[PublicKey],
        now: Option<Utc>,
    ) -> Result<Verified<Self>, RosterError> {
        open(bytes, trusted_roots, 1, now)
    }

    /// The roster in signed bytes, if it is to replace this one: newer, and signed by as many of
    /// this one's roots as this one asks for; those that either of the two revokes do not count.
    ///
    /// # Errors
    /// Each reason has its own; this roster then goes on.
    pub fn open_successor(
        &self,
        bytes: &[u8],
        now: Option<Utc>,
    ) -> Result<Verified<Self>, RosterError> {
        let next = open(bytes, &self.usable_roots(), self.root_threshold, now)?;
        let (have, found) = (self.version, next.get().version);
        if found <= have {
            return Err(RosterError::NotNewer { have, found });
        }
        match self.revived_by(next.get()) {
            Some((owner, key_id)) => Err(RosterError::Revived { owner, key_id }),
            None => Ok(next),
        }
    }
}

fn open(
    bytes: &[u8],
    trusted_roots: &[PublicKey],
    threshold: u32,
    now: Option<Utc>,
) -> Result<Verified<Roster>, RosterError> {
    let document = Document::parse(bytes).map_err(RosterError::NotADocument)?;
    if document.content_type() != ROSTER_CONTENT_TYPE {
        return Err(RosterError::ContentType { found: document.content_type().to_owned() });
    }
    let mut signers = Vec::new();
    for (index, key_id) in document.signers().iter().enumerate() {
        if let Some(root) = trusted_roots.iter().find(|root| root.id() == *key_id) {
            document
                .check(index, root)
                .map_err(|_| RosterError::BadSignature { key_id: *key_id })?;
            signers.push(*key_id);
        }
    }
    if signers.is_empty() {
        return Err(RosterError::WrongRoot { signers: document.signers().to_vec() });
    }
    let text = String::from_utf8(document.into_payload()).map_err(|_| RosterError::NotText)?;
    let roster = Roster::from_toml(&text)?;
    // Who revokes a root key does it with another one: a thief would not.
    signers.retain(|signer| roster.revocation(signer).is_none());
    let (have, need) = (signers.len(), threshold.max(roster.root_threshold) as usize);
    if have < need {
        return Err(RosterError::Threshold { have, need });
    }
    match now {
        Some(now) if now >= roster.expires => Err(RosterError::Expired { expires: roster.expires }),
        Some(now) if now.0.saturating_add(CLOCKS_DIFFER_NS) < roster.issued.0 => {
            Err(RosterError::NotYetIssued { issued: roster.issued })
        }
        Some(_) | None => Ok(Verified::new(roster, signers)),
    }
}
