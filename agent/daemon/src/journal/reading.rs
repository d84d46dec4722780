//! Sealed records for the backlog, each looked at on its way out: what is damaged on the disk must not go out and look like
//! a forgery.
//!
//! SQLite keeps no checksums of its pages. A row's own numbers, and the hash by which the next record names it, show at
//! little cost what was changed in a payload; the seal itself is verified where something is wrong, and of records that
//! went out before and are wanted again.

use std::path::Path;
use std::sync::Arc;

use cellwatch_core::door::Damage;
use cellwatch_record::{Hash, JournalId, peek_identity, sha256};
use cellwatch_seal::AgentKeys;

use super::JournalError;
use super::segment::{self, Segment, SegmentFile};
use super::survey::is_damage;
use super::unseal::{NotOurs, is_sealed, payload, unseal};

/// Numbers that are looked up one by one behind a row that is not to be had, at a time; a larger hole is told in parts.
const LOOKED_UP_MAX: u64 = 65_536;

/// Which records to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// First sequence number.
    pub first: u64,
    /// Last sequence number at most.
    pub last: u64,
    /// Largest bundle, bytes; a first record that alone is larger is given nevertheless.
    pub max_bytes: usize,
}

/// By what rows are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'k> {
    /// Keys that may have sealed them.
    pub keys: &'k AgentKeys,
    /// True to verify every seal, false to verify those beside which something is wrong.
    pub seals: bool,
    /// True where a seal under a key that is not among `keys` is damage: nobody else writes this journal.
    pub knows_all_keys: bool,
}

/// What could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first record that is there; after the one asked for where those before it are not.
    pub first: u64,
    /// The sealed records from there, without a hole, as far as they go into the bundle; one that waits for a seal ends them.
    pub sealed: Vec<Vec<u8>>,
    /// What is gone: segments of which nothing can be read, rows that are missing, damaged or cannot be read. What stands
    /// behind it and can be looked up by its number is not among it.
    pub damaged: Vec<Damage>,
}

/// The sealed records from `wanted.first`, or from the next one that is whole, as far as they go into the bundle.
///
/// # Errors
/// The folder cannot be read.
pub fn fetch(folder: &Path, wanted: Fetch, judge: Judge<'_>) -> Result<Found, JournalError> {
    fetch_sealed(folder, wanted, judge, |stored| is_sealed(stored).then(|| stored.to_vec()))
}

/// The same with each record as `sealed` gives it; none ends them.
pub(super) fn fetch_sealed(
    folder: &Path,
    wanted: Fetch,
    judge: Judge<'_>,
    sealed: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Found, JournalError> {
    let segments = segment::list(folder)?;
    let mut window = Window { wanted, next: wanted.first, ..Window::default() };
    // The newest one that can be read says whose all of them are: each row must say the same.
    let header = |file: &SegmentFile| Segment::open_to_read(&file.path)?.header();
    let journal = segments.iter().rev().find_map(|file| header(file).ok()).map(|one| one.journal);
    let from = segments.partition_point(|one| one.first_seq <= wanted.first).saturating_sub(1);
    for (index, file) in segments.iter().enumerate().skip(from) {
        let end = segments.get(index + 1).map(|after| after.first_seq - 1);
        if window.is_full || window.next > wanted.last.saturating_add(1) {
            break;
        }
        window.removed_before(file);
        window.segment(file, end, journal);
    }
    Ok(window.judged(judge, sealed))
}

/// A row.
struct Stored {
    seq: u64,
    bytes: Arc<[u8]>,
    file: Arc<str>,
    journal: JournalId,
}

/// Rows in their order without a hole, and one after them where there is one: it names the last.
#[derive(Default)]
struct Window {
    wanted: Fetch,
    next: u64,
    rows: Vec<Stored>,
    bytes: usize,
    is_full: bool,
    damaged: Vec<Damage>,
}

impl Default for Fetch {
    fn default() -> Self {
        Self { first: 1, last: 1, max_bytes: 0 }
    }
}

fn name(file: &SegmentFile) -> String {
    file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl Window {
    /// What lies before the first segment is no damage where it was received.
    fn removed_before(&mut self, first: &SegmentFile) {
        if self.next < first.first_seq {
            let reason = "no segment of it is there".to_owned();
            self.gone(self.next, first.first_seq - 1, first, reason);
            for one in &mut self.damaged {
                one.is_removed = true;
            }
            self.next = first.first_seq;
        }
    }

    /// Takes what there is in a segment that reaches to `end`, where that is known.
    fn segment(&mut self, file: &SegmentFile, end: Option<u64>, journal: Option<JournalId>) {
        match self.rows_of(file, end, journal) {
            Ok(()) => {}
            Err(error) if !is_damage(&error) => {
                // What is busy now may be read later.
                tracing::error!("seq {} could not be read back: {error}", self.next);
                self.is_full = true;
            }
            // Nothing of it can be read.
            Err(error) => {
                let last = end.unwrap_or(0);
                self.gone(self.next, last, file, error.to_string());
                self.is_full |= !self.rows.is_empty() || end.is_none();
                self.next = last.saturating_add(1);
            }
        }
    }

    /// Row after row; where the next one is not to be had, what can be read behind it is looked up number by number.
    fn rows_of(
        &mut self,
        file: &SegmentFile,
        end: Option<u64>,
        journal: Option<JournalId>,
    ) -> Result<(), JournalError> {
        let segment = Segment::open_to_read(&file.path)?;
        let journal = match journal {
            Some(journal) => journal,
            None => segment.header()?.journal,
        };
        let file_name: Arc<str> = name(file).into();
        while !self.is_full {
            let beyond = self.wanted.last.saturating_add(1);
            let read = segment.stored_from(self.next, beyond, |seq, bytes| {
                let file = Arc::clone(&file_name);
                seq == self.next && self.take(Stored { seq, bytes: bytes.into(), file, journal })
            });
            let reason = match read {
                Ok(()) => "no row of it is there".to_owned(),
                Err(error) if is_damage(&error) => error.to_string(),
                Err(error) => return Err(error),
            };
            let last = match (end, segment.last_seq()) {
                (Some(end), _) => end,
                (None, Ok(last)) => last.unwrap_or(0),
                (None, Err(error)) if is_damage(&error) => self.wanted.last,
                (None, Err(error)) => return Err(error),
            };
            if self.is_full || self.next > last.min(self.wanted.last) {
                return Ok(());
            }
            let most = last.min(self.next.saturating_add(LOOKED_UP_MAX - 1));
            let there = segment.first_stored(self.next, most)?;
            let gone_to = there.as_ref().map_or(most, |(seq, _)| seq - 1);
            if self.next <= gone_to {
                self.gone(self.next, gone_to, file, reason);
                // Behind rows that are there, what is gone ends them.
                self.is_full = !self.rows.is_empty() || (gone_to == most && most < last);
                self.next = gone_to + 1;
            }
            if let Some((seq, bytes)) = there.filter(|_| !self.is_full) {
                let file = Arc::clone(&file_name);
                self.take(Stored { seq, bytes: bytes.into(), file, journal });
            }
        }
        Ok(())
    }

    /// Takes the next row; true if there is room for another one.
    fn take(&mut self, row: Stored) -> bool {
        self.bytes += row.bytes.len();
        // The first one goes whatever its size; one beyond the end is only looked at.
        self.is_full = row.seq > self.wanted.last
            || (self.bytes > self.wanted.max_bytes && !self.rows.is_empty());
        self.next = row.seq + 1;
        self.rows.push(row);
        !self.is_full
    }

    fn gone(&mut self, first: u64, last: u64, file: &SegmentFile, reason: String) {
        let (file, of_former, is_removed) = (name(file), false, false);
        self.damaged.push(Damage { file, first, last, reason, of_former, is_removed });
    }

    /// The first records that are whole, and all that is damaged.
    fn judged(self, judge: Judge<'_>, sealed: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Found {
        let Self { wanted, rows, mut damaged, .. } = self;
        let problems = problems(&rows, judge);
        for (row, problem) in rows.iter().zip(&problems) {
            let Some(problem) = problem else { continue };
            tracing::error!("{}: seq {} is damaged: {problem}", row.file, row.seq);
            match damaged.last_mut() {
                Some(before) if *before.file == *row.file && before.last + 1 == row.seq => {
                    before.last = row.seq;
                }
                _ => damaged.push(Damage {
                    file: row.file.to_string(),
                    first: row.seq,
                    last: row.seq,
                    reason: problem.clone(),
                    of_former: false,
                    is_removed: false,
                }),
            }
        }
        let mut found = Found { first: wanted.first, sealed: Vec::new(), damaged };
        let mut bytes = 0;
        for (row, problem) in rows.iter().zip(&problems) {
            if row.seq > wanted.last || (problem.is_some() && !found.sealed.is_empty()) {
                break;
            }
            if problem.is_some() {
                continue;
            }
            if found.sealed.is_empty() {
                found.first = row.seq;
            }
            let Some(one) = sealed(&row.bytes) else { break };
            bytes += one.len();
            if bytes > wanted.max_bytes && !found.sealed.is_empty() {
                break;
            }
            found.sealed.push(one);
        }
        found
    }
}

/// What is wrong with each row.
fn problems(rows: &[Stored], judge: Judge<'_>) -> Vec<Option<String>> {
    let looked: Vec<_> = rows.iter().map(look).collect();
    let mut problems: Vec<_> = looked.iter().map(|one| one.as_ref().err().cloned()).collect();
    let verify = |at: usize| match unseal(&rows[at].bytes, judge.keys) {
        Ok(_) => None,
        Err(NotOurs::Damaged(problem)) => Some(problem),
        Err(NotOurs::OtherKey(key)) => {
            judge.knows_all_keys.then(|| format!("its seal names key {key}"))
        }
    };
    if judge.seals {
        for (at, problem) in problems.iter_mut().enumerate() {
            *problem = problem.take().or_else(|| verify(at));
        }
    }
    // True where a record names the one before it.
    let fits = |at: usize| match (&looked[at - 1], &looked[at]) {
        (Ok((_, hash)), Ok((prev, _))) => prev == hash,
        (Ok(_) | Err(_), Ok(_) | Err(_)) => true,
    };
    for at in 1..rows.len() {
        if fits(at) || problems[at - 1].is_some() || problems[at].is_some() {
            continue;
        }
        if let Some(problem) = verify(at) {
            problems[at] = Some(problem);
        } else {
            let problem = verify(at - 1);
            let named = || format!("seq {} names another record before it", rows[at].seq);
            problems[at - 1] = Some(problem.unwrap_or_else(named));
        }
    }
    problems
}

/// The hash that a row names and its own, where it is a record of its number and journal.
fn look(row: &Stored) -> Result<(Hash, Hash), String> {
    let payload =
        payload(&row.bytes).map_err(|error| format!("its seal cannot be read: {error}"))?;
    let (identity, prev, _) =
        peek_identity(payload).map_err(|error| format!("its payload is no record: {error}"))?;
    if identity.seq != row.seq || identity.journal != row.journal {
        return Err(format!("it holds seq {} of journal {}", identity.seq, identity.journal));
    }
    Ok((prev, sha256(payload)))
}
