//! What a journal takes over from the one before it, and from the run before.

use std::path::Path;

use cellwatch_core::door::Damage;
use cellwatch_record::{Head, Record};
use cellwatch_seal::{AgentKeys, KeyId};

use super::JournalError;
use super::former::set_aside_folders;
use super::keys::followed_lately;
use super::opening::{CHECKED_AT_START, End, Known, end};
use super::segment::{self, Segment, SegmentFile};
use super::survey::is_damage;
use super::unseal::unseal;

/// What is known of the journal before.
#[derive(Default)]
pub(super) struct Before {
    pub(super) head: Option<Head>,
    pub(super) history: Vec<Record>,
    pub(super) damaged: Vec<Damage>,
    /// True if it ended with `head`: nothing that was ever in it is missing behind that.
    pub(super) is_whole: bool,
    /// The key that was to seal next.
    pub(super) sealed_by: Option<KeyId>,
}

/// What is known of the journal before one that is empty still. It was set aside when another one was begun; that start
/// may have ended before the first record of the other one was on disk.
pub(super) fn before(
    folder: &Path,
    agent: &str,
    keys: &AgentKeys,
    known: Known,
) -> Result<Before, JournalError> {
    let forgotten = Before { head: known.forgotten(), ..Before::default() };
    let newest = folder.parent().map(set_aside_folders).unwrap_or_default().pop();
    let Some((_, aside)) = newest else { return Ok(forgotten) };
    let segments = segment::list(&aside)?;
    if segments.is_empty() {
        return Ok(forgotten);
    }
    let keys = &followed_lately(&segments, CHECKED_AT_START, keys);
    let (end, sealed_by) = match end(&segments, agent, keys, known) {
        Ok(end) => end,
        Err(error) if is_damage(&error) || is_of_another(&error) => {
            tracing::error!("{error}: what it says of alarms and batches is not taken up again");
            return Ok(forgotten);
        }
        // What the disk does not give now may be there at the next start.
        Err(error) => return Err(error),
    };
    let (head, first, reason, is_whole) = match end {
        End::Over { head, first_gone, why, is_whole } => (head, first_gone, why, is_whole),
        End::Whole(head) => (Some(head), 0, "another one was begun in its place".to_owned(), true),
    };
    if known.journal.is_some() && head.map(|head| head.journal) != known.journal {
        return Ok(forgotten);
    }
    let file = aside.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let (last, of_former, is_removed) = (0, true, false);
    let damaged = vec![Damage { file, first, last, reason, of_former, is_removed }];
    Ok(Before { head, history: history(&segments, keys)?, damaged, is_whole, sealed_by })
}

const fn is_of_another(error: &JournalError) -> bool {
    matches!(error, JournalError::OtherAgent { .. } | JournalError::OtherKey { .. })
}

/// The records from the latest state record on, ascending, without health and of telemetry only the last frame of each unit,
/// and the very last one; all there are where there is no state record. Each is verified; what is damaged is left out with a message.
pub(super) fn history(
    segments: &[SegmentFile],
    keys: &AgentKeys,
) -> Result<Vec<Record>, JournalError> {
    let mut sealed = Vec::new();
    for file in segments.iter().rev() {
        let read = Segment::open_to_read(&file.path).and_then(|segment| {
            let from = segment.last_state()?;
            let mut its = segment.remembered(from.unwrap_or(1))?;
            let last = segment.last_seq()?.filter(|_| sealed.is_empty());
            if let Some(last) = last.filter(|last| its.last().is_none_or(|(seq, _)| seq < last)) {
                its.extend(segment.sealed(last)?.map(|sealed| (last, sealed)));
            }
            Ok((from, its))
        });
        let (from, mut its) = match read {
            Err(error) if is_damage(&error) => {
                tracing::error!(
                    "{error}: what it says of alarms and batches is not taken up again"
                );
                (None, Vec::new())
            }
            read => read?,
        };
        its.append(&mut sealed);
        sealed = its;
        if from.is_some() {
            break;
        }
    }
    let mut history = Vec::with_capacity(sealed.len());
    for (seq, sealed) in sealed {
        match unseal(&sealed, keys) {
            Ok(opened) => history.push(opened.record),
            Err(_) => tracing::error!(
                "seq {seq} is damaged: what it says of alarms and batches is not taken up again; run cellwatch verify"
            ),
        }
    }
    Ok(history)
}
