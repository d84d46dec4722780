//! The one writer: seals, commits in groups, and only then says that records are durable.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cellwatch_core::door::Append;
use cellwatch_record::{Kind, RECORD_CONTENT_TYPE};
use cellwatch_seal::Sealer;

use super::JournalError;
use super::group::gather;
use super::opening::Opened;
use super::reserve::Reserve;
use super::segment::{Header, Row, Segment};
use super::survey::{is_damage, watched_s};

/// Bytes of payload that may wait in memory while the disk refuses: a day of a small site, an hour
/// of a hall. Beyond it the daemon ends.
pub const WAITING_BYTES_MAX: u64 = 64 << 20;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Tries that a commit gets when the daemon is asked to end.
const TRIES_AT_END: u32 = 20;

/// How to write.
#[derive(Clone, Debug)]
pub struct WriterSettings {
    /// Folder of the segments.
    pub folder: PathBuf,
    /// Id of the agent.
    pub agent: String,
    /// A segment is closed when it has this size, bytes.
    pub segment_bytes: u64,
    /// Longest wait of appends that are not urgent.
    pub commit_delay: Duration,
}

/// The sealed records of one commit, with their sequence numbers, ascending.
pub type Committed = Vec<(u64, Arc<[u8]>)>;

/// What the writer tells.
#[derive(Debug)]
pub enum Told {
    /// These are on disk.
    Durable(Committed),
    /// A segment was closed.
    NextSegment,
    /// The reserve is in use from now on, or whole again.
    ReserveInUse(bool),
}

/// Whatever seals records.
pub type SharedSealer = Arc<dyn Sealer + Send + Sync>;

/// Hands appends to the writer's thread.
#[derive(Debug)]
pub struct Writer {
    appends: Sender<Append>,
    waiting_bytes: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread, which goes on after `opened`. `tell` is called after each commit, among others.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        settings: WriterSettings,
        opened: Opened,
        key: SharedSealer,
        reserve: Reserve,
        tell: impl Fn(Told) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let (appends, received) = channel();
        let waiting_bytes = Arc::new(AtomicU64::new(0));
        let ending = Arc::new(AtomicBool::new(false));
        let path = opened.segment.path().to_owned();
        let header = Header {
            journal: opened.head.journal,
            agent: settings.agent.clone(),
            first_seq: opened.head.seq + 1,
            watched_s: opened.watched_s,
        };
        let writing = Writing {
            settings,
            header,
            segment: Some(opened.segment),
            path,
            key,
            reserve,
            waiting_bytes: Arc::clone(&waiting_bytes),
            ending: Arc::clone(&ending),
        };
        let thread = std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || writing.run(&received, &tell))?;
        Ok(Self { appends, waiting_bytes, ending, thread })
    }

    /// Hands over an append; false if more waits already than [`WAITING_BYTES_MAX`], or the thread has ended.
    #[must_use]
    pub fn append(&self, append: Append) -> bool {
        let bytes = payload_bytes(&append);
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        waiting <= WAITING_BYTES_MAX && self.appends.send(append).is_ok()
    }

    /// Writes what was handed over and ends the thread. A disk that refuses gets a few tries more.
    pub fn end(self) {
        let Self { appends, ending, thread, .. } = self;
        ending.store(true, Ordering::Relaxed);
        drop(appends);
        thread.thread().unpark();
        if thread.join().is_err() {
            tracing::error!("the journal's thread ended with a panic");
        }
    }
}

fn payload_bytes(append: &Append) -> u64 {
    append.records.iter().map(|(_, _, payload)| payload.len() as u64).sum()
}

struct Writing {
    settings: WriterSettings,
    /// Of the next segment, if it began now.
    header: Header,
    /// None after an error: it is opened anew, since nobody knows its state.
    segment: Option<Segment>,
    path: PathBuf,
    key: SharedSealer,
    reserve: Reserve,
    waiting_bytes: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
}

impl Writing {
    fn run(mut self, appends: &Receiver<Append>, tell: &dyn Fn(Told)) {
        if !self.reserve.is_whole() {
            tell(Told::ReserveInUse(true));
        }
        while let Ok(first) = appends.recv() {
            let mut rows = Vec::new();
            let mut bytes = 0;
            let key = Arc::clone(&self.key);
            gather(first, appends, self.settings.commit_delay, |append| {
                bytes += payload_bytes(&append);
                seal(append, key.as_ref(), &mut rows);
            });
            if !self.commit(&rows, tell) {
                return;
            }
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            if let Some(last) = rows.last() {
                self.header.first_seq = last.seq + 1;
            }
            let healths = rows.iter().filter(|row| row.kind == Kind::Health.code()).count();
            self.header.watched_s += watched_s(healths as u64);
            tell(Told::Durable(rows.into_iter().map(|row| (row.seq, row.sealed)).collect()));
            if self.next_segment_if_full() {
                tell(Told::NextSegment);
            }
            if self.reserve.restore() {
                tell(Told::ReserveInUse(false));
            }
        }
    }

    /// Commits, however long it takes; false if it was given up because the daemon ends.
    fn commit(&mut self, rows: &[Row], tell: &dyn Fn(Told)) -> bool {
        let mut pause = FIRST_PAUSE;
        let mut tries_at_end = 0;
        let mut failed = false;
        loop {
            let error = match self.try_commit(rows) {
                Ok(()) => {
                    if failed {
                        tracing::warn!("the journal can be written again; nothing was lost");
                    }
                    return true;
                }
                Err(error) => error,
            };
            self.segment = None;
            if self.reserve.give_up_if_full() {
                tell(Told::ReserveInUse(true));
                continue;
            }
            if is_damage(&error) && self.leave(&error) {
                tell(Told::NextSegment);
                continue;
            }
            if !failed {
                tracing::error!(
                    "the journal cannot be written: {error}. Records wait in memory and are tried again; free space on the disk, or see to it"
                );
                failed = true;
            }
            if self.ending.load(Ordering::Relaxed) {
                tries_at_end += 1;
                if tries_at_end >= TRIES_AT_END {
                    let count = rows.len();
                    tracing::error!("the last {count} records could not be written: {error}");
                    return false;
                }
                pause = FIRST_PAUSE;
            }
            // Woken at once when the daemon is asked to end.
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn try_commit(&mut self, rows: &[Row]) -> Result<(), JournalError> {
        if let Some(segment) = &mut self.segment {
            return segment.commit(rows);
        }
        let segment = self.segment.insert(Segment::open_to_write(&self.path)?);
        let last = rows.last().map_or(0, |row| row.seq);
        if segment.last_seq()?.is_some_and(|there| there >= last) {
            // The commit that failed had reached the log after all. Whether the disk has it, only
            // a sync that succeeds can say, and a log once refused may never be synced again:
            // moving it into the file writes and syncs it anew.
            return segment.checkpoint();
        }
        segment.commit(rows)
    }

    /// Goes on in another segment, since this one cannot be written any more: the chain is not broken by it.
    fn leave(&mut self, why: &JournalError) -> bool {
        tracing::error!("{why}: the journal goes on in another segment; run cellwatch verify");
        match Segment::create(&self.settings.folder, &self.header) {
            Ok(next) => {
                self.path = next.path().to_owned();
                self.segment = Some(next);
                true
            }
            Err(error) => {
                tracing::error!("nor can another one be made: {error}");
                false
            }
        }
    }

    /// True if another segment was begun.
    fn next_segment_if_full(&mut self) -> bool {
        let Some(segment) = &self.segment else { return false };
        let full = segment.size_bytes().is_ok_and(|size| size >= self.settings.segment_bytes);
        if !full {
            return false;
        }
        if let Err(error) = segment.checkpoint() {
            tracing::debug!("a reader holds the closing segment: {error}");
        }
        match Segment::create(&self.settings.folder, &self.header) {
            Ok(next) => {
                self.path = next.path().to_owned();
                self.segment = Some(next);
                true
            }
            Err(error) => {
                tracing::error!(
                    "the next segment of the journal cannot be made, so this one grows on: {error}"
                );
                false
            }
        }
    }
}

fn seal(append: Append, key: &dyn Sealer, rows: &mut Vec<Row>) {
    for (seq, (kind, unit, payload)) in (append.first_seq..).zip(append.records) {
        let sealed = cellwatch_seal::seal(key, RECORD_CONTENT_TYPE, &payload).into();
        rows.push(Row { seq, kind: kind.code(), unit, sealed });
    }
}
