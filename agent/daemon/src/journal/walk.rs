//! Every record of a journal, in order: for replay and reports.

use std::path::Path;

use cellwatch_record::{Record, decode};

use super::JournalError;
use super::segment::{self, SEQ_MAX, Segment};
use super::unseal::payload;

/// Gives every record in the journal's `folder` to `each`, ascending, until it gives false. What is missing shows in the sequence
/// numbers. A record that cannot be decoded counts as missing; whether what is there is what was sealed is
/// [`verify()`](super::verify())'s to say.
///
/// # Errors
/// The folder or a segment cannot be read.
pub fn walk(folder: &Path, mut each: impl FnMut(Record) -> bool) -> Result<(), JournalError> {
    let mut goes_on = true;
    for file in segment::list(folder)? {
        if !goes_on {
            break;
        }
        Segment::open_to_read(&file.path)?.rows(0, SEQ_MAX, |row| {
            let record = payload(&row.sealed).ok().and_then(|payload| decode(payload).ok());
            if let Some(record) = record {
                goes_on = each(record);
            } else {
                tracing::warn!("{}: seq {} cannot be decoded", file.path.display(), row.seq);
            }
            goes_on
        })?;
    }
    Ok(())
}
