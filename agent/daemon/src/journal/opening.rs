//! Opens a journal to go on writing it, or begins one.

use std::fs;
use std::path::{Path, PathBuf};

use cellwatch_core::door::Damage;
use cellwatch_record::{ChainCheck, Hash, Head, JournalId, Record, sha256};
use cellwatch_seal::{AgentKeys, KeyId, rotation};
use ring::rand::{SecureRandom, SystemRandom};

use super::JournalError;
use super::before::{Before, before, history};
use super::former::SET_ASIDE;
use super::keys::followed_lately;
use super::segment::{self, Header, Row, Segment, SegmentFile};
use super::survey::{is_damage, is_damage_cause, watched_s};
use super::unseal::{NotOurs, Unsealed, unseal};

/// This many records at the end are verified at a start; [`super::verify()`] does all.
pub(super) const CHECKED_AT_START: u64 = 64;

/// What is known beside the journal, from `state.db`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The journal of the last start.
    pub journal: Option<JournalId>,
    /// How far the Control Site has receipted it.
    pub receipt_through: u64,
    /// True if it was given up.
    pub given_up: bool,
    /// True if the Control Site has other records of it than were here.
    pub forked: bool,
}

impl Known {
    /// What is known of the journal where it is not there.
    pub(super) fn forgotten(&self) -> Option<Head> {
        let seq = self.receipt_through;
        self.journal.map(|journal| Head { journal, seq, hash: Hash::NONE })
    }
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
    /// The end of the one before where it was whole: nobody can have received more of it.
    pub before_ended: Option<Head>,
    /// The records from the latest state record on, without health; of telemetry the last frame of each unit.
    pub history: Vec<Record>,
    /// What could not be read.
    pub damaged: Vec<Damage>,
    /// The key that seals next by the last records: theirs, or the one that they changed to.
    pub sealed_by: Option<KeyId>,
    /// How long the agent had been watching at its end, seconds.
    pub(super) watched_s: u64,
    pub(super) segment: Segment,
}

/// Opens the journal of `agent` in `folder`, whose records are sealed with one of `keys` or with one that followed or
/// was followed; begins one where there is none. One that only unknown keys have sealed is set aside.
///
/// # Errors
/// It belongs to another agent, or the disk refuses.
pub fn open(
    folder: &Path,
    agent: &str,
    keys: &AgentKeys,
    known: Known,
) -> Result<Opened, JournalError> {
    fs::create_dir_all(folder).map_err(JournalError::io(folder))?;
    let segments = segment::list(folder)?;
    let Some(last) = segments.last() else {
        return begin(folder, agent, before(folder, agent, keys, known)?);
    };
    let known_keys = keys;
    let keys = &followed_lately(&segments, CHECKED_AT_START, keys);
    let (end, sealed_by) = end(&segments, agent, keys, known)?;
    let opened = match end {
        End::Whole(head) => match go_on(&segments, last, head, keys) {
            // A crash before the first record must not hide what was known.
            Ok(opened) if head.seq == 0 => {
                let before = before(folder, agent, known_keys, known)?;
                Opened {
                    previous: before.head.filter(|before| before.journal != head.journal),
                    before_ended: before.head.filter(|_| before.is_whole),
                    history: before.history,
                    damaged: before.damaged,
                    sealed_by: before.sealed_by,
                    ..opened
                }
            }
            Ok(opened) => opened,
            Err(error) if is_damage(&error) => {
                let why = error.to_string();
                begin_anew(folder, agent, keys, Some(head), (head.seq + 1, false), why)?
            }
            Err(error) => return Err(error),
        },
        End::Over { head, first_gone, why, is_whole } => {
            begin_anew(folder, agent, keys, head, (first_gone, is_whole), why)?
        }
    };
    Ok(Opened { sealed_by: sealed_by.or(opened.sealed_by), ..opened })
}

/// How a journal ends.
pub(super) enum End {
    /// It can be gone on with.
    Whole(Head),
    /// It cannot, and why; what is known of it, and whether nothing that was ever in it is missing behind that.
    Over { head: Option<Head>, first_gone: u64, why: String, is_whole: bool },
}

/// How the journal in at least one segment ends, and the key that seals next.
pub(super) fn end(
    segments: &[SegmentFile],
    agent: &str,
    keys: &AgentKeys,
    known: Known,
) -> Result<(End, Option<KeyId>), JournalError> {
    let forgotten = known.forgotten();
    let is_whole = false;
    let over = |head, first_gone, why| Ok((End::Over { head, first_gone, why, is_whole }, None));
    let (head, sealed_by) = match end_of(segments, agent, keys) {
        Ok(end) => end,
        Err(error @ (JournalError::Damaged { .. } | JournalError::NotASegment { .. })) => {
            let (previous, first_gone) = if let JournalError::Damaged { journal, seq, .. } = error {
                let head = Head { journal, seq: seq.saturating_sub(1), hash: Hash::NONE };
                (Some(head), seq)
            } else {
                // The segments before it say how far they reach.
                let before = end_of(&segments[..segments.len() - 1], agent, keys).ok();
                let before = before.map(|(head, _)| head);
                (before.or(forgotten), segments.last().map_or(1, |last| last.first_seq))
            };
            return over(previous, first_gone, error.to_string());
        }
        // Nobody here knows the key: what it sealed is left as it is, for whoever does.
        Err(error @ JournalError::OtherKey { .. }) => {
            return over(forgotten, 0, error.to_string());
        }
        Err(error) => return Err(error),
    };
    let is_known = known.journal == Some(head.journal);
    let over =
        |head, first_gone, why| Ok((End::Over { head, first_gone, why, is_whole }, sealed_by));
    if is_known && known.receipt_through > head.seq {
        let why = format!(
            "the journal ends at seq {}, but the Control Site has received seq {}: it was restored from an older copy",
            head.seq, known.receipt_through
        );
        return over(Some(head), head.seq + 1, why);
    }
    if is_known && head.seq == 0 {
        let why = "the journal is empty, but records of it were on disk before".to_owned();
        return over(Some(Head { seq: known.receipt_through, ..head }), 1, why);
    }
    if is_known && known.given_up {
        let why = if known.forked {
            "the Control Site has other records of it than were here"
        } else {
            "the Control Site misses records of it that are not on this disk any more"
        };
        let (head, why) = (Some(head), why.to_owned());
        return Ok((End::Over { head, first_gone: 0, why, is_whole: true }, sealed_by));
    }
    // Written into it, the next records would stand under another's name, where nobody looks for them.
    if let Some(last) = segments.last().filter(|last| last.first_seq > head.seq + 1) {
        let (path, from, to) = (last.path.display(), head.seq + 1, last.first_seq - 1);
        let why = format!("{path}: seq {from} to {to} are missing before it, and it is empty");
        return over(Some(head), from, why);
    }
    Ok((End::Whole(head), sealed_by))
}

fn go_on(
    segments: &[SegmentFile],
    last: &SegmentFile,
    head: Head,
    keys: &AgentKeys,
) -> Result<Opened, JournalError> {
    let segment = Segment::open_to_write(&last.path)?;
    let watched_s = segment.header()?.watched_s + watched_s(segment.healths()?);
    Ok(Opened {
        head,
        new_journal: head.seq == 0,
        previous: None,
        before_ended: None,
        history: history(segments, keys)?,
        damaged: Vec::new(),
        sealed_by: None,
        watched_s,
        segment,
    })
}

/// Sets the journal aside, untouched, and begins another that goes on with what is known of it.
fn begin_anew(
    folder: &Path,
    agent: &str,
    keys: &AgentKeys,
    head: Option<Head>,
    (first_gone, is_whole): (u64, bool),
    why: String,
) -> Result<Opened, JournalError> {
    tracing::error!("{why}; the journal is set aside and a new one begins");
    let history = history(&segment::list(folder)?, keys)?;
    let aside = set_aside(folder)?;
    let file = aside.file_name().map(|name| name.to_string_lossy().into_owned());
    let damage = Damage {
        file: file.unwrap_or_default(),
        first: first_gone,
        last: 0,
        reason: why,
        of_former: true,
        is_removed: false,
    };
    let damaged = vec![damage];
    begin(folder, agent, Before { head, history, damaged, is_whole, sealed_by: None })
}

fn begin(folder: &Path, agent: &str, before: Before) -> Result<Opened, JournalError> {
    let mut id = [0; 16];
    SystemRandom::new().fill(&mut id).map_err(|_| JournalError::Io {
        path: folder.to_owned(),
        cause: std::io::Error::other("the operating system gives no random numbers"),
    })?;
    let journal = JournalId(id);
    let header = Header { journal, agent: agent.to_owned(), first_seq: 1, watched_s: 0 };
    let segment = Segment::create(folder, &header)?;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        segment::sync_folder(parent)?;
    }
    let Before { head: previous, history, damaged, is_whole, sealed_by } = before;
    Ok(Opened {
        head: Head { journal, seq: 0, hash: Hash::NONE },
        new_journal: true,
        previous,
        before_ended: previous.filter(|_| is_whole),
        history,
        damaged,
        sealed_by,
        watched_s: 0,
        segment,
    })
}

fn set_aside(folder: &Path) -> Result<PathBuf, JournalError> {
    let mut number = 1;
    let aside = loop {
        let aside = folder.with_file_name(format!("{SET_ASIDE}{number}"));
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

/// The last record of at least one segment, after the last few have been verified, and the key that seals next.
fn end_of(
    segments: &[SegmentFile],
    agent: &str,
    keys: &AgentKeys,
) -> Result<(Head, Option<KeyId>), JournalError> {
    let mut empty = None;
    for file in segments.iter().rev() {
        let segment = readable(&file.path)?;
        let header = segment.header()?;
        if header.first_seq != file.first_seq {
            let problem = format!("it says that it begins with seq {}", header.first_seq);
            return Err(JournalError::NotASegment { path: file.path.clone(), problem });
        }
        if header.agent != agent {
            let found = header.agent.clone();
            if holds_records_of(&segment, agent, keys) {
                let problem = format!("it says that it is of agent {found:?}, its records do not");
                return Err(JournalError::NotASegment { path: file.path.clone(), problem });
            }
            return Err(JournalError::OtherAgent {
                path: file.path.clone(),
                expected: agent.to_owned(),
                found,
            });
        }
        let damaged = |seq: u64, problem: String| JournalError::Damaged {
            path: file.path.clone(),
            journal: header.journal,
            seq,
            problem,
        };
        // What the disk does not give now is no damage.
        let refused = |seq: u64, error: JournalError| {
            if is_damage(&error) { damaged(seq, error.to_string()) } else { error }
        };
        let last = segment.last_seq().map_err(|error| refused(header.first_seq, error))?;
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
            .map_err(|error| refused(first, error))?;
        return check(&rows, &header, keys, &file.path);
    }
    let folder = || segments.first().map_or_else(PathBuf::new, |file| file.path.clone());
    let journal = empty.ok_or_else(|| JournalError::Empty { path: folder() })?;
    Ok((Head { journal, seq: 0, hash: Hash::NONE }, None))
}

/// A file that is not SQLite at all is damage too, not a refusal of the disk.
#[allow(clippy::wildcard_enum_match_arm, reason = "every other error stays what it is")]
fn readable(path: &Path) -> Result<Segment, JournalError> {
    Segment::open_to_read(path).map_err(|error| match error {
        JournalError::Sqlite { path, cause } if is_damage_cause(&cause) => {
            JournalError::NotASegment { path, problem: cause.to_string() }
        }
        error => error,
    })
}

/// True if its last record is this agent's, whatever stands beside it.
fn holds_records_of(segment: &Segment, agent: &str, keys: &AgentKeys) -> bool {
    let last = segment.last_seq().ok().flatten();
    let sealed = last.and_then(|seq| segment.sealed(seq).ok().flatten());
    let opened = sealed.and_then(|sealed| unseal(&sealed, keys).ok());
    opened.is_some_and(|opened| opened.record.common.identity.agent == agent)
}

fn check(
    rows: &[Row],
    header: &Header,
    keys: &AgentKeys,
    path: &Path,
) -> Result<(Head, Option<KeyId>), JournalError> {
    let mut chain: Option<ChainCheck> = None;
    let mut sealed_by = None;
    // One record that names another key is damaged; all that name the same one were sealed with it.
    let others: Vec<_> = rows
        .iter()
        .filter_map(|row| match unseal(&row.sealed, keys) {
            Err(NotOurs::OtherKey(found)) => Some(found),
            Ok(_) | Err(NotOurs::Damaged(_)) => None,
        })
        .collect();
    let is_other_key = others.len() == rows.len() && others.windows(2).all(|two| two[0] == two[1]);
    for row in rows {
        let damaged = |problem: String| JournalError::Damaged {
            path: path.to_owned(),
            journal: header.journal,
            seq: row.seq,
            problem,
        };
        let Unsealed { record, payload, key } = match unseal(&row.sealed, keys) {
            Ok(opened) => opened,
            Err(NotOurs::OtherKey(found)) if !is_other_key => {
                return Err(damaged(format!("it names key {found}")));
            }
            Err(NotOurs::OtherKey(found)) => {
                return Err(JournalError::OtherKey {
                    path: path.to_owned(),
                    expected: keys.names(),
                    found,
                });
            }
            Err(NotOurs::Damaged(problem)) => return Err(damaged(problem)),
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
        if let Some(key) = key {
            let changed = rotation(&record, &key).ok().flatten();
            sealed_by = Some(changed.map_or(key, |changed| changed.new).id());
        }
    }
    let head = chain.map(|chain| chain.head());
    let head = head.ok_or_else(|| JournalError::Empty { path: path.to_owned() })?;
    Ok((head, sealed_by))
}
