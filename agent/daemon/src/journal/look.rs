//! Reads records back for people, in the caller's thread, beside the writer: read-only connections, which in a
//! write-ahead log hold up nobody.

use std::path::Path;

use cellwatch_record::{Kind, Record, decode};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params_from_iter};

use super::JournalError;
use super::segment::{self, SEQ_MAX};
use super::survey::is_damage;
use super::unseal::payload;

/// Which records are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// First sequence number.
    pub first: u64,
    /// Last sequence number.
    pub last: u64,
    /// Of these kinds.
    pub kinds: Vec<Kind>,
    /// Of this unit, and events of the agent itself; none for all.
    pub unit: Option<String>,
    /// From the end.
    pub newest_first: bool,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next record.
    Go,
    /// Enough.
    Stop,
}

pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(JournalError::sqlite(path))?;
    connection
        .execute_batch("PRAGMA busy_timeout=1000; PRAGMA query_only=ON;")
        .map_err(JournalError::sqlite(path))?;
    Ok(connection)
}

/// The record in a seal. Nobody checks the seal here: `cellwatch verify` does, and the Control Site.
pub(super) fn record(sealed: &[u8]) -> Option<Record> {
    decode(payload(sealed).ok()?).ok()
}

/// Gives number and kind of each wanted record to `each`, which says whether it wants the record itself; then that
/// to `take`. What cannot be read is left out.
///
/// # Errors
/// A segment cannot be read.
pub fn look(
    folder: &Path,
    wanted: &Wanted,
    mut choose: impl FnMut(u64, Kind) -> bool,
    mut take: impl FnMut(Record) -> Next,
) -> Result<(), JournalError> {
    let mut segments = segment::list(folder)?;
    let last_before = segments.partition_point(|one| one.first_seq <= wanted.first);
    segments.drain(..last_before.saturating_sub(1));
    segments.retain(|one| one.first_seq <= wanted.last);
    if wanted.newest_first {
        segments.reverse();
    }
    for file in segments {
        match rows(&file.path, wanted, &mut choose, &mut take) {
            Ok(Next::Go) => {}
            Ok(Next::Stop) => break,
            Err(error) if is_damage(&error) => tracing::error!("{error}; run cellwatch verify"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn rows(
    path: &Path,
    wanted: &Wanted,
    choose: &mut impl FnMut(u64, Kind) -> bool,
    take: &mut impl FnMut(Record) -> Next,
) -> Result<Next, JournalError> {
    let connection = open(path)?;
    let kinds: Vec<String> = wanted.kinds.iter().map(|kind| kind.code().to_string()).collect();
    let unit = match &wanted.unit {
        Some(_) => "AND (unit = ?3 OR (unit IS NULL AND kind <> 1))",
        None => "",
    };
    // In the words of the index, which holds all but frames.
    let sparse = if wanted.kinds.contains(&Kind::Telemetry) { "" } else { "AND kind <> 1" };
    let order = if wanted.newest_first { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT seq, kind FROM records WHERE seq BETWEEN ?1 AND ?2 AND kind IN ({}) {sparse} {unit} ORDER BY seq {order}",
        kinds.join(", ")
    );
    let mut read = || {
        let mut statement = connection.prepare(&sql)?;
        let mut sealed = connection.prepare("SELECT sealed FROM records WHERE seq = ?1")?;
        let mut values = vec![
            Value::Integer(wanted.first.min(SEQ_MAX).cast_signed()),
            Value::Integer(wanted.last.min(SEQ_MAX).cast_signed()),
        ];
        values.extend(wanted.unit.clone().map(Value::Text));
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            let Some(kind) = Kind::from_code(row.get(1)?) else { continue };
            if !choose(seq.cast_unsigned(), kind) {
                continue;
            }
            let bytes: Option<Vec<u8>> = sealed.query_row([seq], |row| row.get(0)).optional()?;
            let Some(record) = bytes.as_deref().and_then(record) else { continue };
            if take(record) == Next::Stop {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Go)
    };
    read().map_err(JournalError::sqlite(path))
}

/// Sequence number of the first record that was made at this wall time or later, UTC nanoseconds; the one after the
/// last where there is none.
///
/// # Errors
/// A segment cannot be read.
pub fn first_since(folder: &Path, utc_ns: i64) -> Result<u64, JournalError> {
    let segments = segment::list(folder)?;
    let mut next = 1;
    for file in segments.iter().rev() {
        let connection = open(&file.path)?;
        let at = |seq: u64| -> Result<Option<(u64, i64)>, JournalError> {
            let mut statement = connection
                .prepare_cached(
                    "SELECT seq, sealed FROM records WHERE seq >= ?1 ORDER BY seq LIMIT 1",
                )
                .map_err(JournalError::sqlite(&file.path))?;
            let row = statement
                .query_row([seq.min(SEQ_MAX).cast_signed()], |row| {
                    Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, Vec<u8>>(1)?))
                })
                .optional()
                .map_err(JournalError::sqlite(&file.path))?;
            Ok(row.and_then(|(seq, sealed)| Some((seq, record(&sealed)?.common.utc.0))))
        };
        let Some((first, begun)) = at(file.first_seq)? else { continue };
        let last: Option<i64> = connection
            .query_row("SELECT max(seq) FROM records", [], |row| row.get(0))
            .map_err(JournalError::sqlite(&file.path))?;
        let last = last.map_or(first, i64::cast_unsigned);
        if begun >= utc_ns {
            next = first;
            continue;
        }
        // Wall time goes forward but for clock steps: near one, a record more or less is shown.
        let (mut low, mut high) = (first, last + 1);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match at(middle)? {
                Some((_, utc)) if utc < utc_ns => low = middle,
                Some(_) | None => high = middle,
            }
        }
        return Ok(high);
    }
    Ok(next)
}
