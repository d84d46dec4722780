//! What the seals of running batches need of the records since the latest state record.

use std::path::Path;

use cellwatch_core::door::RecordHash;
use cellwatch_record::{Kind, Record, sha256};

use super::JournalError;
use super::segment::{self, SEQ_MAX, Segment};
use super::unseal::payload;

/// Hashes of every record of the journal in `folder` from the state record of `history` on, to the first that cannot
/// be read: what follows is then not known.
///
/// # Errors
/// The folder cannot be read.
pub fn hashes(folder: &Path, history: &[Record]) -> Result<Vec<RecordHash>, JournalError> {
    let state = history.iter().rfind(|record| record.body.kind() == Kind::State);
    let mut next = state.map_or(1, |record| record.common.identity.seq);
    let segments = segment::list(folder)?;
    let from = segments.partition_point(|one| one.first_seq <= next).saturating_sub(1);
    let mut hashes = Vec::new();
    for file in segments.get(from..).unwrap_or_default() {
        let mut whole = true;
        let read = Segment::open_to_read(&file.path).and_then(|segment| {
            segment.rows(next, SEQ_MAX, |row| {
                let hash = payload(&row.sealed).map(sha256);
                whole = row.seq == next;
                match (hash, Kind::from_code(row.kind)) {
                    (Ok(hash), Some(kind)) if whole => {
                        hashes.push(RecordHash { seq: row.seq, kind, unit: row.unit, hash });
                        next += 1;
                    }
                    _ => whole = false,
                }
                whole
            })
        });
        if let Err(error) = &read {
            tracing::error!("{error}");
        }
        if !whole || read.is_err() {
            tracing::error!(
                "seq {next} cannot be read back: batches that ran then cannot be sealed; run cellwatch verify"
            );
            break;
        }
    }
    Ok(hashes)
}
