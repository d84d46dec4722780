//! The audit trail: every action and event, filtered.

use std::path::Path;

use cellwatch_record::{Kind, Record};

use super::{BatchSeen, Row, batches};
use crate::journal::{JournalError, Next, Wanted, first_since, look};
use crate::people::key_of;

/// Rows of an export at most: the newest.
pub(in crate::page) const EXPORT_MAX: usize = 50_000;
/// Records that one answer looks at: then it says where to go on.
const SCANNED_MAX: usize = 20_000;

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct TrailFilter {
    pub(in crate::page) unit: Option<String>,
    pub(in crate::page) batch: Option<String>,
    pub(in crate::page) person: Option<String>,
    pub(in crate::page) kinds: Vec<Kind>,
    /// The alarm whose history it is.
    pub(in crate::page) alarm: Option<String>,
    /// In small letters.
    pub(in crate::page) text: Option<String>,
    pub(in crate::page) from_ms: Option<i64>,
    pub(in crate::page) to_ms: Option<i64>,
    pub(in crate::page) before_seq: Option<u64>,
    pub(in crate::page) limit: usize,
    /// Look at everything, however long it takes: for exports.
    pub(in crate::page) whole: bool,
}

/// The rows, newest first, and where to go on.
pub(in crate::page) fn trail(
    journal: &Path,
    filter: &TrailFilter,
) -> Result<(Vec<Row>, Option<u64>), JournalError> {
    let Some((first, last)) = range(journal, filter)? else { return Ok((Vec::new(), None)) };
    let wanted = Wanted {
        first,
        last,
        kinds: filter.kinds.clone(),
        unit: filter.unit.clone(),
        newest_first: true,
    };
    let mut rows = Vec::new();
    let (mut scanned, mut next) = (0usize, None);
    let take = |record: Record| {
        scanned += 1;
        let seq = record.common.identity.seq;
        if let Some(row) = Row::of(record).filter(|row| fits(row, filter)) {
            rows.push(row);
        }
        if rows.len() >= filter.limit || (scanned >= SCANNED_MAX && !filter.whole) {
            next = (seq > first).then_some(seq);
            return Next::Stop;
        }
        Next::Go
    };
    look(journal, &wanted, |_, _| true, take)?;
    Ok((rows, next))
}

/// First and last record that can be meant; none where the batch is not known.
fn range(journal: &Path, filter: &TrailFilter) -> Result<Option<(u64, u64)>, JournalError> {
    let (mut first, mut last) = (1, u64::MAX);
    if let Some(batch) = &filter.batch {
        let known = batches(journal)?.into_iter().find(|one| one.batch == *batch);
        let Some(BatchSeen { first_seq, last_seq, .. }) = known else { return Ok(None) };
        // The action that started it stands before it, and before the frame that it cut; what it led to stands just
        // behind its end.
        first = first_seq.saturating_sub(BEFORE_THE_START).max(1);
        last = last_seq.map_or(u64::MAX, |last| last.saturating_add(AFTER_THE_END));
    }
    if let Some(from_ms) = filter.from_ms {
        first = first.max(first_since(journal, from_ms.saturating_mul(1_000_000))?);
    }
    if let Some(to_ms) = filter.to_ms {
        let after = first_since(journal, to_ms.saturating_add(1).saturating_mul(1_000_000))?;
        last = last.min(after.saturating_sub(1));
    }
    if let Some(before) = filter.before_seq {
        last = last.min(before.saturating_sub(1));
    }
    Ok((first <= last).then_some((first, last)))
}

/// Records before the start of a batch among which the action that started it is looked for.
const BEFORE_THE_START: u64 = 16;
/// Records behind the end of a batch that may still be about it.
const AFTER_THE_END: u64 = 1_000;

fn fits(row: &Row, filter: &TrailFilter) -> bool {
    let of_batch = |batch: &String| {
        // What the agent itself met while the batch ran is part of its story.
        row.batch.as_ref() == Some(batch)
            || row.unit.is_none()
            || row.target == *batch
            // The action that started it belongs to no batch yet.
            || row.new.as_ref() == Some(batch)
    };
    let by = |person: &String| {
        row.person.as_ref().is_some_and(|who| key_of(&who.name).contains(&key_of(person)))
    };
    filter.batch.as_ref().is_none_or(of_batch)
        && filter.person.as_ref().is_none_or(by)
        && filter.alarm.as_ref().is_none_or(|alarm| row.target == *alarm)
        && filter.text.as_ref().is_none_or(|text| row.holds(text))
}

/// What was reviewed of a batch, or of anything: newest first.
pub(in crate::page) fn review_rows(
    journal: &Path,
    batch: Option<&str>,
) -> Result<Vec<Row>, JournalError> {
    let wanted = Wanted {
        first: 1,
        last: u64::MAX,
        kinds: vec![Kind::Action],
        unit: None,
        newest_first: true,
    };
    let (mut rows, mut scanned) = (Vec::new(), 0usize);
    let take = |record: Record| {
        scanned += 1;
        let is_review = |row: &Row| {
            row.what == "review"
                && row.refusal.is_none()
                && batch.is_none_or(|batch| row.target == batch)
        };
        rows.extend(Row::of(record).filter(is_review));
        if rows.len() < REVIEWS_MAX && scanned < SCANNED_MAX { Next::Go } else { Next::Stop }
    };
    look(journal, &wanted, |_, _| true, take)?;
    Ok(rows)
}

/// Reviews that are shown at most.
const REVIEWS_MAX: usize = 100;
