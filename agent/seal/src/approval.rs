//! Whether enough different people have approved a Master File (LAW-05).

use std::collections::BTreeSet;

use cellwatch_model::Utc;

use crate::document::Document;
use crate::{
    Approver, KeyId, MASTER_FILE_CONTENT_TYPE, Revoked, Role, Roster, SealError, Verified,
};

/// One person's approval, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who, by the roster.
    pub name: String,
    /// As what.
    pub role: Role,
    /// With which key.
    pub key_id: KeyId,
}

/// A document and the people who approved its exact bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedDocument {
    /// The document's bytes.
    pub bytes: Vec<u8>,
    /// Who approved them, in the order of the signatures.
    pub approvals: Vec<Approval>,
}

/// Why a document is not approved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Not a signed document.
    #[error("not a signed document: {0}")]
    NotADocument(SealError),
    /// Bytes follow the document.
    #[error("other bytes follow the signed document: nobody has signed them")]
    TrailingBytes,
    /// It was signed as something else.
    #[error("signed as \"{found}\", not as a Master File")]
    ContentType {
        /// What it was signed as.
        found: String,
    },
    /// A key that the roster does not know.
    #[error("signed by key {kid}, which the roster does not know")]
    UnknownKey {
        /// The key.
        kid: KeyId,
    },
    /// A key that the roster knows for something else.
    #[error("signed by {name}, whose key {kid} approves no Master Files by the roster")]
    NotAnApprover {
        /// Whose key it is, and what for.
        name: String,
        /// The key.
        kid: KeyId,
    },
    /// The signature is not the approver's over these bytes.
    #[error(
        "the signature of {name} does not fit: the file was changed after it, or it was forged"
    )]
    BadSignature {
        /// The approver.
        name: String,
    },
    /// The key was lost, stolen or given back.
    #[error("signed with the key of {name}, which is revoked since {}: {reason}", crate::roster::date(*since))]
    RevokedKey {
        /// Whose key it was, and what for.
        name: String,
        /// Since when.
        since: Utc,
        /// Why.
        reason: String,
    },
    /// The approver's time is over.
    #[error("{name} may not approve any more: the roster's entry has expired")]
    ApproverExpired {
        /// The approver.
        name: String,
    },
    /// The approver's time has not come.
    #[error("{name} may not approve yet: the roster's entry begins later")]
    ApproverNotYetValid {
        /// The approver.
        name: String,
    },
    /// One key has signed twice.
    #[error("{name} has signed twice with the same key: approvals must be of different people")]
    SameKeyTwice {
        /// The approver, or the key where the roster does not know it.
        name: String,
    },
    /// One person has signed twice.
    #[error("{name} has signed twice: approvals must be of different people")]
    SamePersonTwice {
        /// The approver.
        name: String,
    },
    /// Too few people of a role have signed.
    #[error("signed by {have} of the {need} {role} that must approve it")]
    Threshold {
        /// The role.
        role: Role,
        /// How many have.
        have: usize,
        /// How many must.
        need: usize,
    },
}

/// The bytes of a Master File, if as many different people have approved them as the roster asks
/// for, and at least one QA and one QP. Every signature must be good: a bad one is refused even
/// where there are enough others.
///
/// `now` judges whether the approvers' entries are valid: the clock's time when a file comes in,
/// none where the clock is not trusted or the file was accepted before.
///
/// # Errors
/// Each reason has its own.
pub fn verify_master_file(
    bytes: &[u8],
    roster: &Roster,
    now: Option<Utc>,
) -> Result<Verified<ApprovedDocument>, ApprovalError> {
    verify(bytes, roster, now, None)
}

/// The bytes of a Master File that was accepted at `accepted`, by a roster that may since have
/// changed: like [`verify_master_file`], but approvals stand that were good then. An approver whose
/// time is over, or whose key was revoked later, does not take a file out of force (LAW-05).
///
/// # Errors
/// Each reason has its own.
pub fn verify_accepted_master_file(
    bytes: &[u8],
    roster: &Roster,
    accepted: Utc,
) -> Result<Verified<ApprovedDocument>, ApprovalError> {
    verify(bytes, roster, None, Some(accepted))
}

fn verify(
    bytes: &[u8],
    roster: &Roster,
    now: Option<Utc>,
    accepted: Option<Utc>,
) -> Result<Verified<ApprovedDocument>, ApprovalError> {
    let document = Document::parse(bytes).map_err(|error| not_a_document(roster, error))?;
    if document.content_type() != MASTER_FILE_CONTENT_TYPE {
        return Err(ApprovalError::ContentType { found: document.content_type().to_owned() });
    }
    let mut people = BTreeSet::new();
    let mut approvals = Vec::new();
    for (index, kid) in document.signers().iter().enumerate() {
        let revoked = match accepted {
            Some(accepted) => roster.revocation_at(kid, accepted),
            None => roster.revocation(kid),
        };
        if let Some(Revoked { since, reason, .. }) = revoked {
            let name = roster.owner(kid).unwrap_or_else(|| format!("key {kid}"));
            return Err(ApprovalError::RevokedKey { name, since: *since, reason: reason.clone() });
        }
        let approver = find(roster, *kid)?;
        let name = || approver.name.clone();
        document
            .check(index, &approver.key)
            .map_err(|_| ApprovalError::BadSignature { name: name() })?;
        in_time(approver, now)?;
        if !people.insert(person(&approver.name)) {
            return Err(ApprovalError::SamePersonTwice { name: name() });
        }
        approvals.push(Approval { name: name(), role: approver.role, key_id: *kid });
    }
    for (role, need) in [(Role::Qa, roster.thresholds.qa), (Role::Qp, roster.thresholds.qp)] {
        let have = approvals.iter().filter(|approval| approval.role == role).count();
        let need = (need as usize).max(1);
        if have < need {
            return Err(ApprovalError::Threshold { role, have, need });
        }
    }
    let signers = document.signers().to_vec();
    Ok(Verified::new(ApprovedDocument { bytes: document.into_payload(), approvals }, signers))
}

/// How names are compared: nobody becomes two people by a capital letter or a space.
pub(crate) fn person(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn not_a_document(roster: &Roster, error: SealError) -> ApprovalError {
    if let SealError::SameKeyTwice { key_id } = error {
        let name = roster.owner(&key_id).unwrap_or_else(|| format!("key {key_id}"));
        return ApprovalError::SameKeyTwice { name };
    }
    if error == SealError::TrailingBytes {
        return ApprovalError::TrailingBytes;
    }
    ApprovalError::NotADocument(error)
}

fn find(roster: &Roster, kid: KeyId) -> Result<&Approver, ApprovalError> {
    roster.approvers.iter().find(|approver| approver.key.id() == kid).ok_or_else(|| {
        match roster.owner(&kid) {
            Some(name) => ApprovalError::NotAnApprover { name, kid },
            None => ApprovalError::UnknownKey { kid },
        }
    })
}

fn in_time(approver: &Approver, now: Option<Utc>) -> Result<(), ApprovalError> {
    let name = approver.name.clone();
    match now {
        Some(now) if now < approver.valid_from => Err(ApprovalError::ApproverNotYetValid { name }),
        Some(now) if now >= approver.valid_until => Err(ApprovalError::ApproverExpired { name }),
        Some(_) | None => Ok(()),
    }
}
