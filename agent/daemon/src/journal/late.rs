//! Seals records that were recorded while no rostered key was at hand, and those that are still to be delivered under
//! a key that the roster names no longer.
//!
//! A record's payload is never touched: only the seal around it is made, or made anew. It goes from the newest record
//! to the oldest, so that the oldest one says, after whatever ended it, that it is not finished.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_record::{RECORD_CONTENT_TYPE, peek_identity};
use cellwatch_seal::{KeyId, Sealer};

use super::JournalError;
use super::SharedSealer;
use super::segment::{self, Segment};
use super::survey::or_none;
use super::unseal::{is_sealed, payload};

/// Records that are sealed between two appends: what happens now goes first.
const RECORDS_AT_ONCE: usize = 1_000;
/// After a disk that refuses, it is tried again after this long.
const PAUSE: Duration = Duration::from_secs(5);

/// What is still to be sealed.
#[derive(Debug)]
pub(super) struct Late {
    /// Ascending; the last one is next.
    files: Vec<PathBuf>,
    /// Everything from here on is done.
    before: u64,
    /// Everything up to here was received, and keeps the seal that the Control Site has.
    after: u64,
    /// Keys whose seals count.
    usable: Vec<KeyId>,
    /// First and last record that were sealed.
    sealed: Option<(u64, u64)>,
    /// To wait for before the next step.
    pub(super) pause: Duration,
}

/// True if records after `after` wait for a seal by one of the `usable` keys.
///
/// # Errors
/// The folder or a segment cannot be read.
pub fn waits_for_seals(folder: &Path, after: u64, usable: &[KeyId]) -> Result<bool, JournalError> {
    let files = segment::list(folder)?;
    let first = files.partition_point(|one| one.first_seq <= after + 1).saturating_sub(1);
    for (index, file) in files.iter().enumerate().skip(first) {
        let opened = Segment::open_to_read(&file.path)?;
        // What is damaged waits for nothing: whoever reads it back says so.
        if or_none(opened.has_unsealed(after))? {
            return Ok(true);
        }
        if index == first
            && or_none(opened.sealed(after + 1))?.is_some_and(|one| wants(&one, usable))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True for what no usable key has sealed.
fn wants(stored: &[u8], usable: &[KeyId]) -> bool {
    !is_sealed(stored)
        || cellwatch_seal::open(stored).is_ok_and(|sealed| !usable.contains(&sealed.key_id()))
}

/// Seals what goes out of a journal that was set aside, whose files stay as they are.
#[derive(Clone)]
pub struct Reseal {
    /// The key that seals now.
    pub key: SharedSealer,
    /// Keys whose seals count.
    pub usable: Vec<KeyId>,
}

impl fmt::Debug for Reseal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Reseal with {}", self.key.public().id())
    }
}

impl Reseal {
    /// What is stored, under a seal that counts; none where it is no record any more.
    pub(super) fn seal(&self, stored: &[u8]) -> Option<Vec<u8>> {
        if !wants(stored, &self.usable) {
            return Some(stored.to_vec());
        }
        let payload = payload(stored).ok()?;
        peek_identity(payload).ok()?;
        Some(cellwatch_seal::seal(self.key.as_ref(), RECORD_CONTENT_TYPE, payload))
    }
}

impl Late {
    pub(super) fn begin(
        folder: &Path,
        after: u64,
        usable: Vec<KeyId>,
    ) -> Result<Self, JournalError> {
        let mut files = segment::list(folder)?;
        let first = files.partition_point(|one| one.first_seq <= after + 1).saturating_sub(1);
        let files = files.drain(first..).map(|file| file.path).collect();
        let (before, sealed, pause) = (u64::MAX, None, Duration::ZERO);
        Ok(Self { files, before, after, usable, sealed, pause })
    }

    /// Seals some more. Gives first and last record that were sealed, if any, when all are.
    pub(super) fn step(&mut self, key: &dyn Sealer) -> Option<Option<(u64, u64)>> {
        let Some(path) = self.files.last().cloned() else { return Some(self.sealed) };
        self.pause = Duration::ZERO;
        match self.some_of(&path, key) {
            Ok(true) => drop(self.files.pop()),
            Ok(false) => {}
            Err(error) => {
                tracing::error!("{error}: records wait for their seals; it is tried again");
                self.pause = PAUSE;
            }
        }
        None
    }

    /// True if nothing of the segment is left.
    fn some_of(&mut self, path: &Path, key: &dyn Sealer) -> Result<bool, JournalError> {
        if !path.exists() {
            // It was received and pruned meanwhile.
            return Ok(true);
        }
        let mut segment = Segment::open_to_write(path)?;
        let rows = segment.stored_between((self.after, self.before), RECORDS_AT_ONCE)?;
        let Some((lowest, _)) = rows.last() else {
            if let Err(error) = segment.checkpoint() {
                tracing::debug!("a reader holds the segment: {error}");
            }
            return Ok(true);
        };
        let lowest = *lowest;
        let mut sealed = Vec::new();
        for (seq, stored) in &rows {
            if !wants(stored, &self.usable) {
                continue;
            }
            match payload(stored).map(|payload| (payload, peek_identity(payload))) {
                Ok((payload, Ok((identity, ..)))) if identity.seq == *seq => {
                    sealed.push((*seq, cellwatch_seal::seal(key, RECORD_CONTENT_TYPE, payload)));
                }
                Ok(_) | Err(_) => tracing::error!(
                    "{}: seq {seq} is no record any more and is not sealed; run cellwatch verify",
                    path.display()
                ),
            }
        }
        segment.put_seals(&sealed)?;
        for (seq, _) in &sealed {
            let (first, last) = self.sealed.unwrap_or((*seq, *seq));
            self.sealed = Some((first.min(*seq), last.max(*seq)));
        }
        self.before = lowest;
        Ok(false)
    }
}
