//! A few frames of a long stretch, by seeks: what is between them is not read.

use std::path::Path;

use cellwatch_record::{Kind, Record};
use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::look::{open, record};
use super::segment::{self, SEQ_MAX};

/// Which frames are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames {
    /// Of this unit.
    pub unit: String,
    /// First sequence number.
    pub first: u64,
    /// Last sequence number.
    pub last: u64,
    /// At most so many, evenly spread over the stretch; all of them where there are no more.
    pub most: u64,
}

const AT: &str = "SELECT seq, sealed FROM records WHERE seq BETWEEN ?1 AND ?2 AND kind = ?4 AND unit = ?3 ORDER BY seq LIMIT 1";
const BEFORE: &str = "SELECT seq, sealed FROM records WHERE seq BETWEEN ?1 AND ?2 AND kind = ?4 AND unit = ?3 ORDER BY seq DESC LIMIT 1";

/// Gives the frames to `take`, ascending. What cannot be read is left out.
///
/// # Errors
/// A segment cannot be read.
pub fn sample(
    folder: &Path,
    wanted: &Frames,
    mut take: impl FnMut(Record),
) -> Result<(), JournalError> {
    let Frames { unit, first, last, most } = wanted;
    let step = (last.saturating_sub(*first) / (*most).max(1)).max(1);
    let mut at = *first;
    for file in segments(folder, *first, *last)? {
        let connection = open(&file.path)?;
        while let Some((seq, frame)) =
            one(&connection, AT, (at, *last), unit).map_err(JournalError::sqlite(&file.path))?
        {
            at = (seq + 1).max(at.saturating_add(step));
            if let Some(frame) = frame {
                take(frame);
            }
        }
    }
    Ok(())
}

/// The last frame of a unit before a sequence number, and not before `first`.
///
/// # Errors
/// A segment cannot be read.
pub fn frame_before(
    folder: &Path,
    unit: &str,
    first: u64,
    seq: u64,
) -> Result<Option<Record>, JournalError> {
    let last = seq.saturating_sub(1);
    for file in segments(folder, first, last)?.into_iter().rev() {
        let connection = open(&file.path)?;
        let found = one(&connection, BEFORE, (first, last), unit)
            .map_err(JournalError::sqlite(&file.path))?;
        if let Some((_, frame)) = found {
            return Ok(frame);
        }
    }
    Ok(None)
}

fn segments(
    folder: &Path,
    first: u64,
    last: u64,
) -> Result<Vec<segment::SegmentFile>, JournalError> {
    let mut segments = segment::list(folder)?;
    let before = segments.partition_point(|one| one.first_seq <= first);
    segments.drain(..before.saturating_sub(1));
    segments.retain(|one| one.first_seq <= last);
    Ok(segments)
}

fn one(
    connection: &Connection,
    sql: &str,
    (first, last): (u64, u64),
    unit: &str,
) -> rusqlite::Result<Option<(u64, Option<Record>)>> {
    let number = |seq: u64| seq.min(SEQ_MAX).cast_signed();
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![number(first), number(last), unit, Kind::Telemetry.code()], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    Ok(found.map(|(seq, sealed)| (seq, record(&sealed))))
}
