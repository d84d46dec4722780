//! One segment: a SQLite file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellwatch_record::{JournalId, Kind};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::{JournalError, SEGMENT_FORMAT};

/// A segment in the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentFile {
    /// First sequence number, by its name.
    pub(super) first_seq: u64,
    pub(super) path: PathBuf,
}

/// What a segment says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) journal: JournalId,
    pub(super) agent: String,
    pub(super) first_seq: u64,
    /// How long the agent had been watching when it was made, seconds, counted by health records.
    pub(super) watched_s: u64,
}

/// A row of `records`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) kind: u8,
    pub(super) unit: Option<String>,
    pub(super) sealed: Arc<[u8]>,
}

/// The segments of a folder, ascending. Files of other names are left alone.
pub(super) fn list(folder: &Path) -> Result<Vec<SegmentFile>, JournalError> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(JournalError::io(folder))? {
        let path = entry.map_err(JournalError::io(folder))?.path();
        let first_seq = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("segment-")?.strip_suffix(".db")?.parse().ok());
        if let Some(first_seq) = first_seq {
            segments.push(SegmentFile { first_seq, path });
        }
    }
    segments.sort();
    Ok(segments)
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(JournalError::io(folder))
}

/// An open segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

impl Segment {
    /// Makes the segment that begins with `header.first_seq`; whole or not at all.
    pub(super) fn create(folder: &Path, header: &Header) -> Result<Self, JournalError> {
        let path = folder.join(format!("segment-{:012}.db", header.first_seq));
        let new = path.with_extension("db.new");
        // A log that was left behind under this name would be taken for the new segment's.
        for left in [&new, &path.with_extension("db-wal"), &path.with_extension("db-shm")] {
            if left.exists() {
                fs::remove_file(left).map_err(JournalError::io(left))?;
            }
        }
        let connection = Connection::open(&new).map_err(JournalError::sqlite(&new))?;
        let made = connection
            .execute_batch(
                "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; BEGIN;
                 CREATE TABLE segment (format INTEGER NOT NULL, journal BLOB NOT NULL, agent TEXT NOT NULL, first_seq INTEGER NOT NULL, watched_s INTEGER NOT NULL);
                 CREATE TABLE records (seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, unit TEXT, sealed BLOB NOT NULL);
                 CREATE INDEX batches ON records (unit, seq) WHERE kind = 6;
                 CREATE INDEX healths ON records (seq) WHERE kind = 9;
                 CREATE INDEX sparse ON records (seq, kind, unit) WHERE kind <> 1;",
            )
            .and_then(|()| {
                connection.execute(
                    "INSERT INTO segment VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        SEGMENT_FORMAT,
                        &header.journal.0[..],
                        header.agent,
                        header.first_seq.cast_signed(),
                        header.watched_s.cast_signed()
                    ],
                )
            })
            .and_then(|_| connection.execute_batch("COMMIT"));
        made.map_err(JournalError::sqlite(&new))?;
        connection
            .close()
            .map_err(|(_, cause)| JournalError::Sqlite { path: new.clone(), cause })?;
        File::open(&new).and_then(|file| file.sync_all()).map_err(JournalError::io(&new))?;
        fs::rename(&new, &path).map_err(JournalError::io(&path))?;
        sync_folder(folder)?;
        Self::open_to_write(&path)
    }

    /// Opens a segment to go on writing.
    pub(super) fn open_to_write(path: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(JournalError::sqlite(path))?;
        // The writer tries again by itself, so that its thread is never held up in SQLite.
        connection
            .execute_batch(
                "PRAGMA busy_timeout=0; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            )
            .map_err(JournalError::sqlite(path))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Opens a segment to read, also beside its writer.
    pub(super) fn open_to_read(path: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(JournalError::sqlite(path))?;
        connection
            .execute_batch("PRAGMA busy_timeout=5000; PRAGMA query_only=ON;")
            .map_err(JournalError::sqlite(path))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says about itself.
    pub(super) fn header(&self) -> Result<Header, JournalError> {
        let problem =
            |problem: String| JournalError::NotASegment { path: self.path.clone(), problem };
        // What the disk does not give now says nothing of what is on it.
        let refused = |cause: rusqlite::Error| match cause.sqlite_error_code() {
            None
            | Some(ErrorCode::Unknown | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                problem(cause.to_string())
            }
            Some(_) => JournalError::Sqlite { path: self.path.clone(), cause },
        };
        let format: i64 = self
            .connection
            .query_row("SELECT format FROM segment", [], |row| row.get(0))
            .map_err(refused)?;
        if format != SEGMENT_FORMAT {
            return Err(problem(format!("format {format} instead of {SEGMENT_FORMAT}")));
        }
        let (journal, agent, first_seq, watched_s) = self
            .connection
            .query_row("SELECT journal, agent, first_seq, watched_s FROM segment", [], |row| {
                Ok((
                    row.get::<_, Vec<u8>>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                ))
            })
            .map_err(refused)?;
        let journal = <[u8; 16]>::try_from(journal)
            .map_err(|journal| problem(format!("a journal id of {} bytes", journal.len())))?;
        Ok(Header {
            journal: JournalId(journal),
            agent,
            first_seq: first_seq.cast_unsigned(),
            watched_s: watched_s.cast_unsigned(),
        })
    }

    /// Writes rows in one commit and returns when they are on disk.
    pub(super) fn commit(&mut self, rows: &[Row]) -> Result<(), JournalError> {
        let path = &self.path;
        let write = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO records (seq, kind, unit, sealed) VALUES (?1, ?2, ?3, ?4)",
                )?;
                for row in rows {
                    insert.execute(params![
                        row.seq.cast_signed(),
                        row.kind,
                        row.unit,
                        &row.sealed[..]
                    ])?;
                }
            }
            transaction.commit()
        };
        write(&mut self.connection).map_err(JournalError::sqlite(path))
    }

    /// Moves everything into the file itself and syncs it.
    pub(super) fn checkpoint(&self) -> Result<(), JournalError> {
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(JournalError::sqlite(&self.path))?;
        if busy == 0 {
            Ok(())
        } else {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            let cause = rusqlite::Error::SqliteFailure(busy, None);
            Err(JournalError::Sqlite { path: self.path.clone(), cause })
        }
    }

    /// Bytes of its pages, those in the write-ahead log included.
    pub(super) fn size_bytes(&self) -> Result<u64, JournalError> {
        let size = |pragma: &str| self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let pages = size("PRAGMA page_count").map_err(JournalError::sqlite(&self.path))?;
        let page = size("PRAGMA page_size").map_err(JournalError::sqlite(&self.path))?;
        Ok(pages.saturating_mul(page).cast_unsigned())
    }

    /// Its last sequence number, if it has any record.
    pub(super) fn last_seq(&self) -> Result<Option<u64>, JournalError> {
        self.connection
            .query_row("SELECT max(seq) FROM records", [], |row| row.get::<_, Option<i64>>(0))
            .map(|seq| seq.map(i64::cast_unsigned))
            .map_err(JournalError::sqlite(&self.path))
    }

    /// How many health records it has.
    pub(super) fn healths(&self) -> Result<u64, JournalError> {
        self.connection
            .query_row("SELECT count(*) FROM records WHERE kind = 9", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(i64::cast_unsigned)
            .map_err(JournalError::sqlite(&self.path))
    }

    /// What is stored of the records of a kind, ascending.
    pub(super) fn of_kind(&self, kind: Kind) -> Result<Vec<Vec<u8>>, JournalError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare("SELECT sealed FROM records WHERE kind = ?1 ORDER BY seq")?;
            let rows = statement.query_map([kind.code()], |row| row.get(0))?;
            rows.collect::<Result<_, rusqlite::Error>>()
        };
        read().map_err(JournalError::sqlite(&self.path))
    }

    /// The stored bytes of a record; none where it is not here.
    pub(super) fn sealed(&self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        self.connection
            .query_row(
                "SELECT sealed FROM records WHERE seq = ?1",
                [seq.min(SEQ_MAX).cast_signed()],
                |row| row.get(0),
            )
            .optional()
            .map_err(JournalError::sqlite(&self.path))
    }

    /// Writes a copy of the whole segment as it is now to a new file, also beside its writer.
    pub(super) fn copy_to(&self, path: &Path) -> Result<(), JournalError> {
        let Some(name) = path.to_str() else {
            let cause = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not UTF-8");
            return Err(JournalError::Io { path: path.to_owned(), cause });
        };
        // The file itself is open to read only; the copy is another file.
        self.connection
            .execute_batch("PRAGMA query_only=OFF")
            .and_then(|()| self.connection.execute("VACUUM INTO ?1", [name]))
            .map_err(JournalError::sqlite(&self.path))?;
        File::open(path).and_then(|file| file.sync_all()).map_err(JournalError::io(path))
    }

    /// Sequence number of the latest state record. Found from the end: one is written every hour.
    pub(super) fn last_state(&self) -> Result<Option<u64>, JournalError> {
        self.connection
            .query_row(
                "SELECT seq FROM records WHERE kind = ?1 ORDER BY seq DESC LIMIT 1",
                [Kind::State.code()],
                |row| row.get::<_, i64>(0),
            )
            .optional()
            .map(|seq| seq.map(i64::cast_unsigned))
            .map_err(JournalError::sqlite(&self.path))
    }

    /// What a start remembers from `first` on: sequence number and sealed record of all but health, and of telemetry the
    /// last frame of each unit.
    pub(super) fn remembered(&self, first: u64) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare(
                "SELECT seq, sealed FROM records WHERE seq >= ?1 AND (kind NOT IN (?2, ?3) OR seq IN
                   (SELECT max(seq) FROM records WHERE seq >= ?1 AND kind = ?2 GROUP BY unit)) ORDER BY seq",
            )?;
            let (frames, healths) = (Kind::Telemetry.code(), Kind::Health.code());
            let rows = statement
                .query_map(params![first.min(SEQ_MAX).cast_signed(), frames, healths], |row| {
                    Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
                })?;
            rows.collect::<Result<_, rusqlite::Error>>()
        };
        read().map_err(JournalError::sqlite(&self.path))
    }

    /// True if it has records after `after` that no key has sealed.
    pub(super) fn has_unsealed(&self, after: u64) -> Result<bool, JournalError> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM records WHERE seq > ?1 AND substr(sealed, 1, 1) <> x'd2')",
                [after.min(SEQ_MAX).cast_signed()],
                |row| row.get(0),
            )
            .map_err(JournalError::sqlite(&self.path))
    }

    /// At most so many records after `after` and before `before`, the last one first: sequence number and what is stored.
    pub(super) fn stored_between(
        &self,
        (after, before): (u64, u64),
        most: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare(
                "SELECT seq, sealed FROM records WHERE seq > ?3 AND seq < ?1 ORDER BY seq DESC LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map(
                params![before.min(SEQ_MAX).cast_signed(), most, after.min(SEQ_MAX).cast_signed()],
                |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)),
            )?;
            rows.collect::<Result<_, rusqlite::Error>>()
        };
        read().map_err(JournalError::sqlite(&self.path))
    }

    /// Puts seals around payloads that stand here, in one commit. Nothing else of a record ever changes.
    pub(super) fn put_seals(&mut self, sealed: &[(u64, Vec<u8>)]) -> Result<(), JournalError> {
        if sealed.is_empty() {
            return Ok(());
        }
        let path = &self.path;
        let write = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            {
                let mut put =
                    transaction.prepare_cached("UPDATE records SET sealed = ?2 WHERE seq = ?1")?;
                for (seq, sealed) in sealed {
                    put.execute(params![seq.cast_signed(), sealed])?;
                }
            }
            transaction.commit()
        };
        write(&mut self.connection).map_err(JournalError::sqlite(path))
    }

    /// Gives the rows from `first` to `last` in their order to `each`, until it says false.
    pub(super) fn rows(
        &self,
        first: u64,
        last: u64,
        mut each: impl FnMut(Row) -> bool,
    ) -> Result<(), JournalError> {
        let mut read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT seq, kind, unit, sealed FROM records WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
            )?;
            let mut rows =
                statement.query([first.cast_signed(), last.min(SEQ_MAX).cast_signed()])?;
            while let Some(row) = rows.next()? {
                let sealed: Vec<u8> = row.get(3)?;
                let row = Row {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    kind: row.get(1)?,
                    unit: row.get(2)?,
                    sealed: sealed.into(),
                };
                if !each(row) {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(JournalError::sqlite(&self.path))
    }
}

/// Highest sequence number that SQLite can hold.
pub(super) const SEQ_MAX: u64 = i64::MAX.cast_unsigned();
