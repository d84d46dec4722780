//! Journals that were set aside, and segments in quarantine: what is still to be delivered of them, and when they go.
//!
//! Nothing of them goes before a receipt covers all of it, or all that can be read while the rest is on record as lost. Then it
//! stays as evidence of what happened, the newest [`SET_ASIDE_MAX`] journals and [`QUARANTINED_MAX`] segments of it; older ones
//! are removed at a start. What nobody received of a fork stands here and nowhere else: a person takes it away, and beyond
//! [`FORKS_MAX`] each start asks for that.

use std::fs;
use std::path::{Path, PathBuf};

use cellwatch_model::Utc;
use cellwatch_record::{JournalId, Kind, Record};
use cellwatch_seal::AgentKeys;

use super::JournalError;
use super::look::{self, Next, Wanted};
use super::segment::{self, Segment};
use super::survey::QUARANTINE;
use super::unseal::{NotOurs, unseal};

/// Journals that are set aside and received stay on disk up to so many.
pub const SET_ASIDE_MAX: usize = 8;
/// Journals that the Control Site has other records of stay whatever they are; at more than so many each start says that a
/// person is to take the oldest away. New ones are set aside nevertheless, and alarms of the disk tell of what they take.
pub const FORKS_MAX: usize = 8;
/// Segments in quarantine that are received stay on disk up to so many.
pub const QUARANTINED_MAX: usize = 16;
/// Rows that are held in memory while the last record is looked for.
const ROWS_AT_ONCE: usize = 100;
/// Folders of journals that were set aside are named so; a number follows.
pub(super) const SET_ASIDE: &str = "journal-set-aside-";

/// What the Control Site has of a journal that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Everything up to here.
    Through(u64),
    /// All that can be read; what cannot is on record as lost.
    All,
    /// Other records under its numbers.
    Fork,
}

/// A journal that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerFolder {
    /// Its id.
    pub journal: JournalId,
    /// Its folder.
    pub folder: PathBuf,
    /// Its last record that is one: what was damaged behind it stays where it is.
    pub last: u64,
}

impl FormerFolder {
    /// Wall time of the first and of the last record that can be read of `first` to `last`.
    #[must_use]
    pub fn utc_of(&self, first: u64, last: u64) -> Option<(Utc, Utc)> {
        let at = |newest_first| {
            let kinds = Kind::ALL.to_vec();
            let wanted = Wanted { first, last, kinds, unit: None, newest_first };
            let mut utc = None;
            let take = |record: Record| {
                utc = Some(record.common.utc);
                Next::Stop
            };
            look::look(&self.folder, &wanted, |_, _| true, take).ok()?;
            utc
        };
        Some((at(false)?, at(true)?))
    }
}

/// The journals of `agent` in `data_dir` that were set aside and can be read, the newest first.
#[must_use]
pub fn former_journals(data_dir: &Path, agent: &str, keys: &AgentKeys) -> Vec<FormerFolder> {
    let folders = set_aside_folders(data_dir).into_iter().rev();
    folders.filter_map(|(_, folder)| look(folder, agent, keys)).collect()
}

/// The folders, the oldest first, with their numbers.
pub(super) fn set_aside_folders(data_dir: &Path) -> Vec<(u64, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(data_dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let number = path.file_name()?.to_str()?.strip_prefix(SET_ASIDE)?.parse().ok()?;
            Some((number, path))
        })
        .collect();
    found.sort();
    found
}

fn look(folder: PathBuf, agent: &str, keys: &AgentKeys) -> Option<FormerFolder> {
    let files = segment::list(&folder).ok()?;
    files.iter().rev().find_map(|file| {
        let segment = Segment::open_to_read(&file.path).ok()?;
        let header = segment.header().ok().filter(|header| header.agent == agent)?;
        let last = last_record(&segment, keys)?;
        Some(FormerFolder { journal: header.journal, folder: folder.clone(), last })
    })
}

/// From the end back to what is no damage; a record under a key that is not known here may be known elsewhere.
fn last_record(segment: &Segment, keys: &AgentKeys) -> Option<u64> {
    let mut before = u64::MAX;
    loop {
        let rows = segment.stored_between((0, before), ROWS_AT_ONCE).ok()?;
        before = rows.last()?.0;
        let is_record = |(seq, stored): &&(u64, Vec<u8>)| match unseal(stored, keys) {
            Ok(one) => one.record.common.identity.seq == *seq,
            Err(NotOurs::OtherKey(_)) => true,
            Err(NotOurs::Damaged(_)) => false,
        };
        if let Some((seq, _)) = rows.iter().find(is_record) {
            return Some(*seq);
        }
    }
}

/// True if no segment hides what it holds.
fn is_readable(folder: &Path) -> bool {
    let read = |file: &segment::SegmentFile| {
        let segment = Segment::open_to_read(&file.path)?;
        segment.header()?;
        segment.last_seq()
    };
    segment::list(folder).is_ok_and(|files| files.iter().all(|file| read(file).is_ok()))
}

/// Removes what is received and beyond the bounds, the oldest first: journals that were set aside, and segments in
/// quarantine. `received` says what of a journal is received. What cannot be read stays, unless that is on record: nobody
/// knows what it holds.
///
/// # Errors
/// The disk refuses.
pub fn forget_received(
    data_dir: &Path,
    agent: &str,
    keys: &AgentKeys,
    received: impl Fn(JournalId) -> Received,
) -> Result<usize, JournalError> {
    let (mut removed, mut forks) = (0, 0);
    let folders = set_aside_folders(data_dir);
    let beyond = folders.len().saturating_sub(SET_ASIDE_MAX);
    for (index, (_, folder)) in folders.iter().enumerate() {
        let Some(former) = look(folder.clone(), agent, keys) else { continue };
        let may_go = match received(former.journal) {
            Received::Through(through) => through >= former.last && is_readable(folder),
            Received::All => true,
            Received::Fork => {
                forks += 1;
                false
            }
        };
        if may_go && index < beyond {
            fs::remove_dir_all(folder).map_err(JournalError::io(folder))?;
            removed += 1;
        }
    }
    if forks > FORKS_MAX {
        tracing::error!(
            "{forks} journals in {} were gone on with from an older copy, more than {FORKS_MAX}: their readings are nowhere else, so none is removed; keep what is wanted of them and take the oldest away",
            data_dir.display()
        );
    }
    let mut segments = quarantined(&data_dir.join(QUARANTINE));
    segments.sort();
    let beyond = segments.len().saturating_sub(QUARANTINED_MAX);
    for (_, path, journal, last) in segments.into_iter().take(beyond) {
        match received(journal) {
            Received::All => {}
            Received::Through(through) if through >= last => {}
            Received::Through(_) | Received::Fork => continue,
        }
        for extension in ["db-wal", "db-shm", "db"] {
            let path = path.with_extension(extension);
            if path.exists() {
                fs::remove_file(&path).map_err(JournalError::io(&path))?;
            }
        }
        removed += 1;
    }
    Ok(removed)
}

/// Segments in quarantine by the time of their last change: path, journal and last record, as their names say.
fn quarantined(folder: &Path) -> Vec<(std::time::SystemTime, PathBuf, JournalId, u64)> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let path = entry.path();
            let name = path.file_name()?.to_str()?.strip_suffix(".db")?;
            let mut parts = name.strip_prefix("segment-")?.split('-');
            let (_first, last, journal) = (parts.next()?, parts.next()?, parts.next()?);
            let at = entry.metadata().ok()?.modified().ok()?;
            Some((at, path.clone(), journal.parse().ok()?, last.parse().ok()?))
        })
        .collect()
}
