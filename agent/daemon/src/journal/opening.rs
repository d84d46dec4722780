//! Opens a journal to go on writing it, or begins one.

use std::fs;
use std::path::{Path, PathBuf};

use cellwatch_record::{
    ChainCheck, Hash, Head, JournalId, RECORD_CONTENT_TYPE, Record, decode, sha256,
};
use cellwatch_seal::{PublicKey, SealError};
use ring::rand::{SecureRandom, SystemRandom};

use super::JournalError;
use super::segment::{self, Header, Row, Segment, SegmentFile};

/// This many records at the end are verified at a start; [`super::verify()`] does all.
const CHECKED_AT_START: u64 = 64;

/// What is known beside the journal, from `state.db`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The journal of the last start.
    pub journal: Option<JournalId>,
    /// How far the Control Site has receipted it.
    pub receipt_through: u64,
}

/// An opened journal.
#[derive(Debug)]
pub struct Opened {
    /// Its end.
    pub head: Head,
    /// True if it was made just now.
    pub new_journal: bool,
    /// The end of the one before, as far as known, where this one was made to replace it.
    pub previous: Option<Head>,
    /// The records from the latest state record on, without telemetry and health.
    pub history: Vec<Record>,
    pub(super) segment: Segment,
}

/// Opens the journal of `agent` in `folder`, whose records are sealed with `key`; begins one where there is none.
///
/// # Errors
/// It belongs to another agent or another key, or the disk refuses.
pub fn open(
    folder: &Path,
    agent: &str,
    key: &PublicKey,
    known: Known,
) -> Result<Opened, JournalError> {
    fs::create_dir_all(folder).map_err(JournalError::io(folder))?;
    let segments = segment::list(folder)?;
    let forgotten =
        known.journal.map(|journal| Head { journal, seq: known.receipt_through, hash: Hash::NONE });
    let Some(last) = segments.last() else {
        return begin(folder, agent, forgotten);
    };
    match end_of(&segments, agent, key) {
        Ok(head) if known.journal == Some(head.journal) && known.receipt_through > head.seq => {
            tracing::error!(
                "the journal ends at seq {}, but the Control Site has receipted seq {}: it was restored from an older copy; a new journal begins",
                head.seq,
                known.receipt_through
            );
            set_aside(folder)?;
            begin(folder, agent, Some(head))
        }
        Ok(head) => Ok(Opened {
            head,
            new_journal: head.seq == 0,
            // A crash before the first record must not hide what was known.
            previous: forgotten.filter(|before| head.seq == 0 && before.journal != head.journal),
            history: history(&segments, key)?,
            segment: Segment::open_to_write(&last.path)?,
        }),
        Err(error @ (JournalError::Damaged { .. } | JournalError::NotASegment { .. })) => {
            tracing::error!("{error}; the journal is set aside and a new one begins");
            let previous = if let JournalError::Damaged { journal, seq, .. } = error {
                Some(Head { journal, seq: seq.saturating_sub(1), hash: Hash::NONE })
            } else {
                forgotten
            };
            set_aside(folder)?;
            begin(folder, agent, previous)
        }
        Err(error) => Err(error),
    }
}

fn begin(folder: &Path, agent: &str, previous: Option<Head>) -> Result<Opened, JournalError> {
    let mut id = [0; 16];
    SystemRandom::new().fill(&mut id).map_err(|_| JournalError::Io {
        path: folder.to_owned(),
        cause: std::io::Error::other("the operating system gives no random numbers"),
    })?;
    let journal = JournalId(id);
    let header = Header { journal, agent: agent.to_owned(), first_seq: 1 };
    let segment = Segment::create(folder, &header)?;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        segment::sync_folder(parent)?;
    }
    Ok(Opened {
        head: Head { journal, seq: 0, hash: Hash::NONE },
        new_journal: true,
        previous,
        history: Vec::new(),
        segment,
    })
}

fn set_aside(folder: &Path) -> Result<PathBuf, JournalError> {
    let mut number = 1;
    let aside = loop {
        let aside = folder.with_file_name(format!("journal-set-aside-{number}"));
        if !aside.exists() {
            break aside;
        }
        number += 1;
    };
    fs::rename(folder, &aside).map_err(JournalError::io(&aside))?;
    fs::create_dir_all(folder).map_err(JournalError::io(folder))?;
    tracing::warn!("the journal before stands unchanged in {}", aside.display());
    Ok(aside)
}

/// The last record of at least one segment, after the last few have been verified.
fn end_of(segments: &[SegmentFile], agent: &str, key: &PublicKey) -> Result<Head, JournalError> {
    let mut empty = None;
    for file in segments.iter().rev() {
        let segment = readable(&file.path)?;
        let header = segment.header()?;
        if header.agent != agent {
            return Err(JournalError::OtherAgent {
                path: file.path.clone(),
                expected: agent.to_owned(),
                found: header.agent,
            });
        }
        let damaged = |seq: u64, problem: String| JournalError::Damaged {
            path: file.path.clone(),
            journal: header.journal,
            seq,
            problem,
        };
        let last =
            segment.last_seq().map_err(|error| damaged(header.first_seq, error.to_string()))?;
        let Some(last) = last else {
            // A segment is made before its first record comes.
            empty.get_or_insert(header.journal);
            continue;
        };
        let first = last.saturating_sub(CHECKED_AT_START - 1).max(header.first_seq);
        let mut rows = Vec::new();
        segment
            .rows(first, last, |row| {
                rows.push(row);
                true
            })
            .map_err(|error| damaged(first, error.to_string()))?;
        return check(&rows, &header, key, &file.path);
    }
    let journal = empty.ok_or_else(|| JournalError::Empty { path: segments[0].path.clone() })?;
    Ok(Head { journal, seq: 0, hash: Hash::NONE })
}

/// A file that is not SQLite at all is damage too, not a refusal of the disk.
fn readable(path: &Path) -> Result<Segment, JournalError> {
    Segment::open_to_read(path).map_err(|error| {
        if let JournalError::Sqlite { path, cause } = error {
            JournalError::NotASegment { path, problem: cause.to_string() }
        } else {
            error
        }
    })
}

fn check(
    rows: &[Row],
    header: &Header,
    key: &PublicKey,
    path: &Path,
) -> Result<Head, JournalError> {
    let mut chain: Option<ChainCheck> = None;
    for row in rows {
        let damaged = |problem: String| JournalError::Damaged {
            path: path.to_owned(),
            journal: header.journal,
            seq: row.seq,
            problem,
        };
        let (record, payload) = match unseal(&row.sealed, key) {
            Ok(opened) => opened,
            Err(Unsealed::OtherKey(found)) => {
                return Err(JournalError::OtherKey {
                    path: path.to_owned(),
                    expected: key.id(),
                    found,
                });
            }
            Err(Unsealed::Damaged(problem)) => return Err(damaged(problem)),
        };
        let identity = &record.common.identity;
        if identity.seq != row.seq || identity.journal != header.journal {
            return Err(damaged(format!(
                "it holds seq {} of journal {}",
                identity.seq, identity.journal
            )));
        }
        match &mut chain {
            Some(chain) => chain
                .follow(identity, record.common.prev, &payload)
                .map_err(|fault| damaged(fault.to_string()))?,
            None => {
                chain = Some(ChainCheck::after(Head {
                    journal: header.journal,
                    seq: row.seq,
                    hash: sha256(&payload),
                }));
            }
        }
    }
    chain.map(|chain| chain.head()).ok_or_else(|| JournalError::Empty { path: path.to_owned() })
}

/// Why a row holds no record of ours.
pub(super) enum Unsealed {
    OtherKey(cellwatch_seal::KeyId),
    Damaged(String),
}

/// The record and payload in a row, verified.
pub(super) fn unseal(sealed: &[u8], key: &PublicKey) -> Result<(Record, Vec<u8>), Unsealed> {
    let damaged = |problem: String| Unsealed::Damaged(problem);
    let opened = cellwatch_seal::open(sealed)
        .map_err(|error| damaged(format!("its seal cannot be read: {error}")))?;
    let verified = opened.verify(RECORD_CONTENT_TYPE, key).map_err(|error| {
        if let SealError::OtherKey { found, .. } = error {
            Unsealed::OtherKey(found)
        } else {
            damaged(format!("its seal does not verify: {error}"))
        }
    })?;
    let payload = verified.into_inner();
    let record =
        decode(&payload).map_err(|error| damaged(format!("its payload is no record: {error}")))?;
    Ok((record, payload))
}

/// The records from the latest state record on, ascending, without telemetry and health; all there are
/// where there is no state record. Each is verified; one that is not ends the history with a message.
fn history(segments: &[SegmentFile], key: &PublicKey) -> Result<Vec<Record>, JournalError> {
    let mut sealed = Vec::new();
    for file in segments.iter().rev() {
        let segment = Segment::open_to_read(&file.path)?;
        let from = segment.last_state()?;
        let mut its = segment.remembered(from.unwrap_or(1))?;
        its.append(&mut sealed);
        sealed = its;
        if from.is_some() {
            break;
        }
    }
    let mut history = Vec::with_capacity(sealed.len());
    for (seq, sealed) in sealed {
        match unseal(&sealed, key) {
            Ok((record, _)) => history.push(record),
            Err(_) => tracing::error!(
                "seq {seq} is damaged: what it says of alarms and batches is not taken up again; run cellwatch verify"
            ),
        }
    }
    Ok(history)
}
