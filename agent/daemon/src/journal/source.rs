//! The journal on disk, record by record, for proofs and exports.

use std::path::PathBuf;

use cellwatch_export::Source;

use super::JournalError;
use super::segment::{self, SEQ_MAX, Segment};

/// A folder of segments.
#[derive(Clone, Debug)]
pub struct JournalFolder(pub PathBuf);

impl Source for JournalFolder {
    type Error = JournalError;

    fn each(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), JournalError> {
        let segments = segment::list(&self.0)?;
        if segments.is_empty() {
            return Err(JournalError::Empty { path: self.0.clone() });
        }
        let from = segments.partition_point(|one| one.first_seq <= first).saturating_sub(1);
        let mut goes_on = true;
        for file in &segments[from..] {
            if !goes_on || file.first_seq > last {
                break;
            }
            Segment::open_to_read(&file.path)?.rows(first, last.min(SEQ_MAX), |row| {
                goes_on = each(&row.sealed);
                goes_on
            })?;
        }
        Ok(())
    }
}
