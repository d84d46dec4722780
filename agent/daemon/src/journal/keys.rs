//! Which keys have sealed a journal, by what its own records say of changes.

use std::path::Path;

use cellwatch_record::Kind;
use cellwatch_seal::AgentKeys;

use super::JournalError;
use super::segment::{self, Segment, SegmentFile};

/// `keys`, and those that followed them or that they followed, as the whole journal in `folder` says, sealed by both keys
/// of each change.
///
/// # Errors
/// The folder cannot be read. A segment that cannot be is left out: walking it says so.
pub fn followed(folder: &Path, keys: &AgentKeys) -> Result<AgentKeys, JournalError> {
    let mut events = Vec::new();
    for file in segment::list(folder)? {
        let read =
            Segment::open_to_read(&file.path).and_then(|segment| segment.of_kind(Kind::Event));
        events.extend(read.unwrap_or_default());
    }
    let mut keys = keys.clone();
    keys.follow(events.iter().map(Vec::as_slice));
    Ok(keys)
}

/// The same by the last segments alone: what a start reads back.
pub(super) fn followed_lately(
    segments: &[SegmentFile],
    checked: u64,
    keys: &AgentKeys,
) -> AgentKeys {
    let mut lately = Vec::new();
    for file in segments.iter().rev() {
        let read = Segment::open_to_read(&file.path).and_then(|segment| {
            let state = segment.last_state()?;
            let checked = segment.last_seq()?.unwrap_or(0).saturating_sub(checked);
            let rows = segment.remembered(state.unwrap_or(1).min(checked))?;
            Ok((rows, state.is_some()))
        });
        // What cannot be read, the opening says.
        let Ok((rows, enough)) = read else { continue };
        lately.extend(rows.into_iter().map(|(_, sealed)| sealed));
        if enough {
            break;
        }
    }
    let mut keys = keys.clone();
    keys.follow(lately.iter().map(Vec::as_slice));
    keys
}
