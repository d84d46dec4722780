//! The one writer: seals, commits in groups, and only then says that records are durable.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cellwatch_core::door::Append;
use cellwatch_record::Kind;
use cellwatch_seal::KeyId;

use super::JournalError;
use super::group::gather;
use super::late::Late;
use super::opening::Opened;
use super::reserve::Reserve;
use super::segment::{Header, Row, Segment};
use super::survey::{is_damage, watched_s};
use super::work::{Handed, SharedSealer, Work};

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

/// The records of one commit, sealed where there is a key, with their sequence numbers, ascending.
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
    /// After [`Writer::seal_with`]: nothing waits for a seal any more; first and last record that were sealed late.
    Sealed(Option<(u64, u64)>),
}

/// Hands appends to the writer's thread.
#[derive(Debug)]
pub struct Writer {
    works: Sender<Work>,
    waiting_bytes: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread, which goes on after `opened`. Without a key, payloads are written as they are. `tell` is called after each commit, among others.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        settings: WriterSettings,
        opened: Opened,
        key: Option<SharedSealer>,
        reserve: Reserve,
        tell: impl Fn(Told) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let (works, received) = channel();
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
            late: None,
            reserve,
            waiting_bytes: Arc::clone(&waiting_bytes),
            ending: Arc::clone(&ending),
        };
        let thread = std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || writing.run(&received, &tell))?;
        Ok(Self { works, waiting_bytes, ending, thread })
    }

    /// Hands over an append; false if more waits already than [`WAITING_BYTES_MAX`], or the thread has ended.
    #[must_use]
    pub fn append(&self, append: Append) -> bool {
        self.hand(Handed { append, next_key: None })
    }

    /// The same, with an append in which the record `last` is the last one that the present key seals.
    #[must_use]
    pub fn append_and_change_key(&self, append: Append, last: u64, next: SharedSealer) -> bool {
        self.hand(Handed { append, next_key: Some((last, next)) })
    }

    fn hand(&self, handed: Handed) -> bool {
        let bytes = handed.payload_bytes();
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        waiting <= WAITING_BYTES_MAX && self.works.send(Work::Append(handed)).is_ok()
    }

    /// Seals with this key from now on, and all of what waits for a seal: what is not sealed, and what is to be delivered
    /// (after `after`) and is sealed with none of the `usable` keys. [`Told::Sealed`] says when that is done.
    pub fn seal_with(&self, key: SharedSealer, after: u64, usable: Vec<KeyId>) {
        // A thread that has ended says so with the next append.
        let _ = self.works.send(Work::Seal { key, after, usable });
    }

    /// Writes payloads as they are from now on: no key may seal them.
    pub fn seal_nothing(&self) {
        let _ = self.works.send(Work::Unseal);
    }

    /// Writes what was handed over and ends the thread. A disk that refuses gets a few tries more.
    pub fn end(self) {
        let Self { works, ending, thread, .. } = self;
        ending.store(true, Ordering::Relaxed);
        drop(works);
        thread.thread().unpark();
        if thread.join().is_err() {
            tracing::error!("the journal's thread ended with a panic");
        }
    }
}

struct Writing {
    settings: WriterSettings,
    /// Of the next segment, if it began now.
    header: Header,
    /// None after an error: it is opened anew, since nobody knows its state.
    segment: Option<Segment>,
    path: PathBuf,
    /// None while no key may seal.
    key: Option<SharedSealer>,
    /// What is sealed later than recorded.
    late: Option<Late>,
    reserve: Reserve,
    waiting_bytes: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
}

impl Writing {
    fn run(mut self, works: &Receiver<Work>, tell: &dyn Fn(Told)) {
        if !self.reserve.is_whole() {
            tell(Told::ReserveInUse(true));
        }
        let mut left = None;
        while let Some(work) = left.take().or_else(|| self.next(works, tell)) {
            let first = match work {
                Work::Append(first) => first,
                Work::Seal { key, after, usable } => {
                    self.begin_sealing(key, after, usable);
                    continue;
                }
                Work::Unseal => {
                    (self.key, self.late) = (None, None);
                    continue;
                }
            };
            let mut rows = Vec::new();
            let mut bytes = 0;
            left = gather(first, works, self.settings.commit_delay, |handed| {
                bytes += handed.payload_bytes();
                handed.seal(&mut self.key, &mut rows);
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

    /// What is to be done next; what waits for a seal is sealed meanwhile. None at the end.
    fn next(&mut self, works: &Receiver<Work>, tell: &dyn Fn(Told)) -> Option<Work> {
        while let (Some(late), Some(key)) = (&mut self.late, &self.key) {
            match works.recv_timeout(late.pause) {
                Ok(work) => return Some(work),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(sealed) = late.step(&**key) {
                self.late = None;
                tell(Told::Sealed(sealed));
            }
        }
        works.recv().ok()
    }

    fn begin_sealing(&mut self, key: SharedSealer, after: u64, usable: Vec<KeyId>) {
        self.key = Some(key);
        match Late::begin(&self.settings.folder, after, usable) {
            Ok(late) => self.late = Some(late),
            Err(error) => {
                tracing::error!(
                    "{error}: records that wait for a seal are sealed at the next start"
                );
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
