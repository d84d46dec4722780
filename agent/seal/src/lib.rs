//! Seals and signatures: COSE (RFC 9052) with Ed25519 over `ring`.
//!
//! Two words are kept apart (LAW-11). A machine's **seal** is a [`COSE_Sign1`](seal()) of an agent
//! or of the Control Site's services over a payload. A person's **signature** approves a
//! [`document`]: a Master File or a roster, as `COSE_Sign` over its exact bytes with one signature
//! per person.
//!
//! - [`seal()`], [`open`], [`Sealed::verify`]: records, receipts, summaries.
//! - [`document`]: documents with the signatures of several people.
//! - [`Roster`]: whose keys are whose; signed by root keys.
//! - [`rotation()`]: an agent's change from one key to the next, sealed with both; [`AgentKeys`] follow it.
//! - [`verify_master_file`]: whether enough different people approved (LAW-05).
//! - [`Verified`]: bytes that were verified; nothing but a verification can make one.
//!
//! ```compile_fail,E0451
//! // What was not verified cannot pass for verified.
//! let forged = cellwatch_seal::Verified { value: b"forged".to_vec(), signers: vec![] };
//! ```
#![forbid(unsafe_code)]

mod agent_keys;
mod approval;
mod header;
mod key;
mod roster;
mod rotation;
mod sign1;
mod signature;
mod strict;
mod verified;

pub mod document;
mod error;
pub mod key_file;

pub use agent_keys::AgentKeys;
pub use approval::{
    Approval, ApprovalError, ApprovedDocument, verify_accepted_master_file, verify_master_file,
};
pub use error::SealError;
pub use key::{KeyError, KeyId, ParseKeyError, PublicKey, Sealer, SealingKey};
pub use key_file::KeyFileError;
pub use roster::{
    AgentKey, Approver, NamedKey, Revoked, Role, RootKey, Roster, RosterError, Thresholds,
};
pub use rotation::{Rotation, RotationError, rotation, seal_succession};
pub use sign1::{Sealed, open, seal};
pub use verified::Verified;

/// Content type of a Master File that people have signed.
pub const MASTER_FILE_CONTENT_TYPE: &str = "application/cellwatch-master-file+toml";
/// Content type of a roster that root keys have signed.
pub const ROSTER_CONTENT_TYPE: &str = "application/cellwatch-roster+toml";

#[cfg(test)]
mod tests;
