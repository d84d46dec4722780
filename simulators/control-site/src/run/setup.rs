//! Roster, keys and documents, read and verified before anything starts.

use std::fs;
use std::path::Path;

use cellwatch_model::Utc;
use cellwatch_seal::{
    PublicKey, Roster, RosterError, Sealer, SealingKey, key_file, verify_master_file,
};

use super::{RunArgs, RunError};
use crate::intake::OwnClock;

/// What the Control Site works with.
pub(super) struct Materials {
    /// The verified roster.
    pub(super) roster: Roster,
    /// The same as it was signed, for the agents.
    pub(super) signed_roster: Vec<u8>,
    /// Seals receipts; the roster lists it.
    pub(super) receipt_key: SealingKey,
    /// An approved Master File to publish.
    pub(super) master_file: Option<Vec<u8>>,
}

/// Reads and verifies everything that the options name.
pub(super) fn read(args: &RunArgs, now: Utc) -> Result<Materials, RunError> {
    let now = (args.own_clock() == OwnClock::Trusted).then_some(now);
    let roots: Vec<PublicKey> = args
        .root
        .iter()
        .map(|path| key_file::read_public(path))
        .collect::<Result<_, _>>()
        .map_err(|cause| RunError::Key { option: "--root", cause })?;
    let bytes = read_file("--roster", &args.roster)?;
    let roster = Roster::open(&bytes, &roots, now)
        .map_err(|cause| RunError::Roster { path: args.roster.clone(), cause })?
        .into_inner();
    let receipt_key = key_file::read(&args.receipt_key)
        .map_err(|cause| RunError::Key { option: "--receipt-key", cause })?;
    let public = receipt_key.public();
    if roster.receipt_key(&public.id()) != Some(&public) {
        let (path, key) = (args.receipt_key.clone(), public.to_string());
        return Err(RunError::ReceiptKey { path, key });
    }
    let master_file = args
        .publish_master_file
        .as_deref()
        .map(|path| {
            let bytes = read_file("--publish-master-file", path)?;
            verify_master_file(&bytes, &roster, now)
                .map_err(|cause| RunError::MasterFile { path: path.to_owned(), cause })?;
            Ok::<_, RunError>(bytes)
        })
        .transpose()?;
    Ok(Materials { roster, signed_roster: bytes, receipt_key, master_file })
}

/// The bytes of a file that an option names.
pub(super) fn read_file(option: &'static str, path: &Path) -> Result<Vec<u8>, RunError> {
    fs::read(path).map_err(|cause| RunError::Read { option, path: path.to_owned(), cause })
}

/// Reads the roster anew: the one that replaces `in_use`, and how it was signed; none where the file holds
/// the same version still.
pub(super) fn reread_roster(
    args: &RunArgs,
    in_use: &Roster,
    receipt_key: &PublicKey,
    now: Utc,
) -> Result<Option<(Roster, Vec<u8>)>, RunError> {
    let now = (args.own_clock() == OwnClock::Trusted).then_some(now);
    let bytes = read_file("--roster", &args.roster)?;
    let next = match in_use.open_successor(&bytes, now) {
        Ok(next) => next.into_inner(),
        Err(RosterError::NotNewer { have, found }) if have == found => return Ok(None),
        Err(cause) => return Err(RunError::Roster { path: args.roster.clone(), cause }),
    };
    if next.receipt_key(&receipt_key.id()) != Some(receipt_key) {
        let (path, key) = (args.receipt_key.clone(), receipt_key.to_string());
        return Err(RunError::ReceiptKey { path, key });
    }
    Ok(Some((next, bytes)))
}
