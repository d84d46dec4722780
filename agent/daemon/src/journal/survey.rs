//! Looks at the journal on disk as a whole: how much there is, what may go, what cannot be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cellwatch_core::HEALTH_PERIOD_MS;
use cellwatch_core::door::{ClosedSegment, Damage, JournalState, KeepHistory};
use cellwatch_record::{BatchChange, Body, Hash, decode, peek_identity, sha256};

use super::JournalError;
use super::segment::{self, Segment, SegmentFile};
use super::unseal::payload;

/// Folder beside the journal into which segments go that cannot be read.
pub(super) const QUARANTINE: &str = "journal-quarantine";

/// Looks at the segments in `folder`. A closed one that is no segment any more is set aside; it costs
/// its records and nothing else. One in which a page is bad stays: what else is in it can be read.
///
/// # Errors
/// The folder cannot be read.
pub fn survey(folder: &Path, keep: KeepHistory) -> Result<JournalState, JournalError> {
    let mut state = JournalState { keep, ..JournalState::default() };
    let mut files = segment::list(folder)?;
    let mut headers = Vec::new();
    let mut open: BTreeMap<Option<String>, u64> = BTreeMap::new();
    let mut bad = Vec::new();
    for (index, file) in files.iter().enumerate() {
        state.bytes += size(&file.path) + size(&file.path.with_extension("db-wal"));
        let looked = Segment::open_to_read(&file.path).and_then(|segment| {
            let header = segment.header()?;
            Ok((header, or_none(segment.batches())?))
        });
        match looked {
            Ok((header, batches)) => {
                headers.push(header);
                for (seq, sealed) in batches {
                    follow(&mut open, seq, &sealed);
                }
            }
            // The last one is the writer's, and what is busy now may be read later.
            Err(error) if index + 1 < files.len() && is_damage(&error) => {
                let last = files[index + 1].first_seq - 1;
                let reason = error.to_string();
                let aside = set_aside(folder, file, last)?;
                tracing::error!("{reason}; it was set aside as {}", aside.display());
                let name = aside.file_name().map(|name| name.to_string_lossy().into_owned());
                state.damaged.push(Damage {
                    file: format!("{QUARANTINE}/{}", name.unwrap_or_default()),
                    first: file.first_seq,
                    last,
                    reason,
                    of_former: false,
                    is_removed: false,
                });
                bad.push(index);
            }
            Err(error) => return Err(error),
        }
    }
    for index in bad.into_iter().rev() {
        files.remove(index);
    }
    state.open_batch_since = open.values().min().copied();
    if let ([first, second, ..], [_, next, ..], Some(last)) =
        (files.as_slice(), headers.as_slice(), headers.last())
    {
        let newest = Segment::open_to_read(&files[files.len() - 1].path)?;
        let watched_s = last.watched_s + watched_s(or_none(newest.healths())?);
        state.oldest = hash_before(first, second)?.map(|hash| ClosedSegment {
            last: second.first_seq - 1,
            hash,
            age_s: watched_s.saturating_sub(next.watched_s),
        });
    }
    Ok(state)
}

/// What a segment says of itself; nothing where that part of it is damaged.
pub(super) fn or_none<T: Default>(said: Result<T, JournalError>) -> Result<T, JournalError> {
    match said {
        Err(error) if is_damage(&error) => {
            tracing::error!("{error}; the rest of it is used; run cellwatch verify");
            Ok(T::default())
        }
        said => said,
    }
}

/// Hash of the last record of a closed segment: by the record itself, or as the next one names it.
fn hash_before(file: &SegmentFile, next: &SegmentFile) -> Result<Option<Hash>, JournalError> {
    let stored = |file: &SegmentFile, seq| {
        or_none(Segment::open_to_read(&file.path).and_then(|segment| segment.sealed(seq)))
    };
    if let Some(last) = stored(file, next.first_seq - 1)? {
        return Ok(Some(payload_hash(&last)));
    }
    let first = stored(next, next.first_seq)?;
    let named = first.and_then(|first| peek_identity(payload(&first).ok()?).ok());
    Ok(named.map(|(_, prev, _)| prev))
}

/// Removes the closed segments that hold nothing after `through`, oldest first.
///
/// # Errors
/// The folder cannot be read or changed.
pub fn prune(folder: &Path, through: u64) -> Result<u64, JournalError> {
    let files = segment::list(folder)?;
    let mut removed = 0;
    for pair in files.windows(2) {
        let [file, next] = pair else { break };
        if next.first_seq > through.saturating_add(1) {
            break;
        }
        for extension in ["db-wal", "db-shm", "db"] {
            let path = file.path.with_extension(extension);
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                    return Err(JournalError::Io { path, cause });
                }
                Ok(()) | Err(_) => {}
            }
        }
        removed += 1;
    }
    segment::sync_folder(folder)?;
    Ok(removed)
}

/// Hash of the payload under a seal that nobody has checked.
pub(super) fn payload_hash(sealed: &[u8]) -> Hash {
    payload(sealed).map_or(Hash::NONE, sha256)
}

/// Seconds of watching that so many health records stand for.
pub(super) const fn watched_s(healths: u64) -> u64 {
    healths * HEALTH_PERIOD_MS / 1_000
}

/// Which batches have not ended.
fn follow(open: &mut BTreeMap<Option<String>, u64>, seq: u64, sealed: &[u8]) {
    let Ok(payload) = payload(sealed) else { return };
    let Ok(record) = decode(payload) else { return };
    let Body::Batch(batch) = record.body else { return };
    match batch.change {
        BatchChange::Started => {
            open.insert(record.common.unit, seq);
        }
        BatchChange::Phase => {
            open.entry(record.common.unit).or_insert(seq);
        }
        BatchChange::Ended => {
            open.remove(&record.common.unit);
        }
        BatchChange::Sealed => {}
    }
}

/// True for what reading again does not mend.
pub(super) fn is_damage(error: &JournalError) -> bool {
    match error {
        JournalError::NotASegment { .. } => true,
        JournalError::Sqlite { cause, .. } => is_damage_cause(cause),
        JournalError::Io { .. }
        | JournalError::Running { .. }
        | JournalError::Damaged { .. }
        | JournalError::OtherAgent { .. }
        | JournalError::OtherKey { .. }
        | JournalError::Empty { .. } => false,
    }
}

/// The same of what SQLite says.
pub(super) fn is_damage_cause(cause: &rusqlite::Error) -> bool {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
    };
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(cause.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
        // A value of another type than was written.
        || matches!(
            cause,
            FromSqlConversionFailure(..)
                | IntegralValueOutOfRange(..)
                | InvalidColumnType(..)
                | QueryReturnedNoRows
        )
}

/// Its name says afterwards which records of which journal it held: the file itself may say nothing any more.
fn set_aside(folder: &Path, file: &SegmentFile, last: u64) -> Result<PathBuf, JournalError> {
    let quarantine = folder.with_file_name(QUARANTINE);
    fs::create_dir_all(&quarantine).map_err(JournalError::io(&quarantine))?;
    let header = |one: &SegmentFile| Segment::open_to_read(&one.path)?.header();
    let journal = segment::list(folder)?.iter().rev().find_map(|one| header(one).ok());
    let journal = journal.map_or_else(|| "unknown".to_owned(), |one| one.journal.to_string());
    let name = format!("segment-{:012}-{last:012}-{journal}", file.first_seq);
    let mut aside = quarantine.join(format!("{name}.db"));
    let mut number = 1;
    while aside.exists() {
        number += 1;
        aside = quarantine.join(format!("{name}-{number}.db"));
    }
    for extension in ["db-wal", "db-shm"] {
        let from = file.path.with_extension(extension);
        if from.exists() {
            let to = aside.with_extension(extension);
            fs::rename(&from, &to).map_err(JournalError::io(&to))?;
        }
    }
    fs::rename(&file.path, &aside).map_err(JournalError::io(&aside))?;
    segment::sync_folder(&quarantine)?;
    segment::sync_folder(folder)?;
    Ok(aside)
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}
