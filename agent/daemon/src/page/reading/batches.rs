//! The batches that the journal knows.

use std::path::Path;

use cellwatch_record::{BatchChange, Body, Kind, Record};
use serde::Serialize;

use crate::journal::{JournalError, Next, Wanted, look};

/// Batches that are shown at most: the newest.
const BATCHES_MAX: usize = 200;

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::page) struct BatchSeen {
    pub(in crate::page) unit: String,
    pub(in crate::page) batch: String,
    pub(in crate::page) started_ms: i64,
    pub(in crate::page) ended_ms: Option<i64>,
    pub(in crate::page) first_seq: u64,
    pub(in crate::page) last_seq: Option<u64>,
}

/// A batch whose beginning has not been met yet, from the end: unit, batch, time and record of its end.
type Open = (String, String, Option<(i64, u64)>);

/// Whether the journal knows this batch.
pub(in crate::page) fn knows_batch(journal: &Path, batch: &str) -> Result<bool, JournalError> {
    let wanted = Wanted {
        first: 1,
        last: u64::MAX,
        kinds: vec![Kind::Batch],
        unit: None,
        newest_first: true,
    };
    let mut found = false;
    let take = |Record { body, .. }: Record| {
        found = matches!(body, Body::Batch(change) if change.batch == batch);
        if found { Next::Stop } else { Next::Go }
    };
    look(journal, &wanted, |_, _| true, take)?;
    Ok(found)
}

/// Newest first.
pub(in crate::page) fn batches(journal: &Path) -> Result<Vec<BatchSeen>, JournalError> {
    let mut found: Vec<BatchSeen> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let wanted = Wanted {
        first: 1,
        last: u64::MAX,
        kinds: vec![Kind::Batch],
        unit: None,
        newest_first: true,
    };
    let take = |Record { common, body }: Record| {
        let (Body::Batch(change), Some(unit)) = (body, common.unit) else { return Next::Go };
        let (at_ms, seq) = (common.utc.0 / 1_000_000, common.identity.seq);
        let known = open.iter().position(|(its, batch, _)| *its == unit && *batch == change.batch);
        match (change.change, known) {
            (BatchChange::Started, known) => {
                let end = known.and_then(|known| open.remove(known).2);
                found.push(BatchSeen {
                    unit,
                    batch: change.batch,
                    started_ms: at_ms,
                    ended_ms: end.map(|(at_ms, _)| at_ms),
                    first_seq: seq,
                    last_seq: end.map(|(_, seq)| seq),
                });
            }
            (BatchChange::Ended, None) => open.push((unit, change.batch, Some((at_ms, seq)))),
            (BatchChange::Phase, None) => open.push((unit, change.batch, None)),
            // Whatever else is said of a batch that is known does not begin it.
            (_, _) => {}
        }
        if found.len() < BATCHES_MAX { Next::Go } else { Next::Stop }
    };
    look(journal, &wanted, |_, _| true, take)?;
    Ok(found)
}
