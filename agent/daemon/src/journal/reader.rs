//! Reads sealed records back, in a thread of its own: for the backlog, for what a receipt asked for again, to compare
//! with receipts; and looks after the folder.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cellwatch_core::door::{Damage, Input, KeepHistory};
use cellwatch_record::{Hash, Receipt, bundle};

use super::JournalError;
use super::former::FormerFolder;
use super::late::Reseal;
use super::segment::{self, Segment};
use super::survey::{is_damage, payload_hash, prune, survey};
use super::unseal::is_sealed;

/// Tasks that may wait; the core has few fetches open at a time, and receipts are repeated.
const TASKS_MAX: usize = 64;
/// Without any cause the folder is looked at this often.
const SURVEY_EVERY: Duration = Duration::from_secs(3600);

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

#[derive(Debug)]
enum Task {
    Fetch(Fetch),
    FetchFormer(FormerFolder, Fetch, Reseal),
    Compare(Receipt),
    Survey,
    Prune(u64),
}

/// Reads in a thread of its own.
#[derive(Debug)]
pub struct Reader {
    tasks: SyncSender<Task>,
    _thread: JoinHandle<()>,
}

impl Reader {
    /// Starts the thread. `tell` is given exactly one [`Input::Fetched`] for each fetch, and [`Input::Journal`] at once, after
    /// each change and hourly; the first one names `damaged`, what the opening found.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        folder: PathBuf,
        keep: KeepHistory,
        damaged: Vec<Damage>,
        tell: impl Fn(Input) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let (tasks, wanted) = sync_channel::<Task>(TASKS_MAX);
        let reading = Reading { folder, keep, damaged, told: Vec::new(), tell };
        let thread = std::thread::Builder::new()
            .name("journal-reader".to_owned())
            .spawn(move || reading.run(&wanted))?;
        Ok(Self { tasks, _thread: thread })
    }

    /// Asks for records; false if too many tasks wait already, so that there will be no answer.
    #[must_use]
    pub fn fetch(&self, fetch: Fetch) -> bool {
        self.hand(Task::Fetch(fetch))
    }

    /// The same from a journal that was set aside, sealed by `reseal` where no usable key has; answered with
    /// [`Input::FormerFetched`].
    #[must_use]
    pub fn fetch_former(&self, former: &FormerFolder, fetch: Fetch, reseal: Reseal) -> bool {
        self.hand(Task::FetchFormer(former.clone(), fetch, reseal))
    }

    /// Compares a receipt's hash with the journal's; the core hears of the receipt afterwards. Beyond what may wait it is
    /// left out: receipts are repeated.
    pub fn compare(&self, receipt: Receipt) {
        let _is_repeated = self.hand(Task::Compare(receipt));
    }

    /// Removes the closed segments that hold nothing after `through`.
    pub fn prune(&self, through: u64) {
        if !self.hand(Task::Prune(through)) {
            tracing::debug!("pruning waits for the next look at the journal");
        }
    }

    /// Has the folder looked at when it is called.
    pub fn surveyor(&self) -> impl Fn() + Send + use<> {
        let tasks = self.tasks.clone();
        // What is left out is seen at the next look.
        move || drop(tasks.try_send(Task::Survey))
    }

    fn hand(&self, task: Task) -> bool {
        match self.tasks.try_send(task) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

struct Reading<T: Fn(Input)> {
    folder: PathBuf,
    keep: KeepHistory,
    /// To be told with the next look.
    damaged: Vec<Damage>,
    /// Files of which it was told already.
    told: Vec<String>,
    tell: T,
}

impl<T: Fn(Input)> Reading<T> {
    fn run(mut self, wanted: &Receiver<Task>) {
        self.survey();
        loop {
            match wanted.recv_timeout(SURVEY_EVERY) {
                Ok(Task::Fetch(fetch)) => self.fetch(fetch),
                Ok(Task::FetchFormer(former, fetch, reseal)) => {
                    self.fetch_former(&former, fetch, &reseal);
                }
                Ok(Task::Compare(receipt)) => self.compare(receipt),
                Ok(Task::Prune(through)) => {
                    match prune(&self.folder, through) {
                        Ok(removed) => tracing::info!(
                            "{removed} segments up to seq {through} were removed from the disk: they were received"
                        ),
                        Err(error) => tracing::error!("history could not be removed: {error}"),
                    }
                    self.survey();
                }
                Ok(Task::Survey) | Err(RecvTimeoutError::Timeout) => self.survey(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn survey(&mut self) {
        match survey(&self.folder, self.keep) {
            Ok(mut state) => {
                state.damaged.append(&mut self.damaged);
                (self.tell)(Input::Journal(state));
            }
            Err(error) => tracing::error!("the journal could not be looked at: {error}"),
        }
    }

    fn fetch(&mut self, wanted: Fetch) {
        let found = fetch(&self.folder, wanted).unwrap_or_else(|error| {
            tracing::error!("seq {} could not be read back: {error}", wanted.first);
            Found { first: wanted.first, ..Found::default() }
        });
        let through = found.first.saturating_add(found.sealed.len() as u64).saturating_sub(1);
        let bundle = bundle::encode(&found.sealed);
        (self.tell)(Input::Fetched { first: found.first, through, bundle });
        let news: Vec<Damage> =
            found.damaged.into_iter().filter(|one| !self.told.contains(&one.file)).collect();
        if !news.is_empty() {
            self.told.extend(news.iter().map(|one| one.file.clone()));
            self.damaged.extend(news);
            self.survey();
        }
    }

    fn fetch_former(&self, former: &FormerFolder, wanted: Fetch, reseal: &Reseal) {
        let sealed = |stored: &[u8]| reseal.seal(stored);
        let found = fetch_sealed(&former.folder, wanted, sealed).unwrap_or_else(|error| {
            tracing::error!("seq {} of a journal that was set aside: {error}", wanted.first);
            Found { first: wanted.first, ..Found::default() }
        });
        let through = found.first.saturating_add(found.sealed.len() as u64).saturating_sub(1);
        let (journal, first) = (former.journal, found.first);
        let bundle = bundle::encode(&found.sealed);
        (self.tell)(Input::FormerFetched { journal, first, through, bundle });
    }

    /// What was pruned or cannot be read contradicts nothing.
    fn compare(&self, receipt: Receipt) {
        let ours = match hash_of(&self.folder, receipt.through) {
            Ok(ours) => ours.filter(|ours| *ours != receipt.hash),
            Err(error) => {
                tracing::error!("seq {} could not be compared: {error}", receipt.through);
                None
            }
        };
        (self.tell)(match ours {
            Some(ours) => Input::ReceiptContradicts { receipt, ours },
            None => Input::Receipt(receipt),
        });
    }
}

/// The payload's hash of a record; none where it is not on this disk.
fn hash_of(folder: &Path, seq: u64) -> Result<Option<Hash>, JournalError> {
    let segments = segment::list(folder)?;
    let Some(at) = segments.partition_point(|one| one.first_seq <= seq).checked_sub(1) else {
        return Ok(None);
    };
    let sealed = Segment::open_to_read(&segments[at].path)?.sealed(seq)?;
    Ok(sealed.map(|sealed| payload_hash(&sealed)))
}

/// What could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first record that is there; after the one asked for where those before it are not.
    pub first: u64,
    /// The sealed records from there, without a hole, as far as they go into the bundle; one that waits for a seal ends them.
    pub sealed: Vec<Vec<u8>>,
    /// Segments that could not be read, or not to their end.
    pub damaged: Vec<Damage>,
}

/// The sealed records from `wanted.first`, or from the next one that is there, as far as they go into the bundle.
///
/// # Errors
/// The folder cannot be read.
pub fn fetch(folder: &Path, wanted: Fetch) -> Result<Found, JournalError> {
    fetch_sealed(folder, wanted, |stored| is_sealed(stored).then(|| stored.to_vec()))
}

/// The same with each record as `sealed` gives it; none ends them.
fn fetch_sealed(
    folder: &Path,
    wanted: Fetch,
    sealed: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Found, JournalError> {
    let segments = segment::list(folder)?;
    let from = segments.partition_point(|one| one.first_seq <= wanted.first).saturating_sub(1);
    let mut found = Found { first: wanted.first, ..Found::default() };
    let mut bytes = 0;
    let mut next = wanted.first;
    for (index, file) in segments.iter().enumerate().skip(from) {
        if next > wanted.last || file.first_seq > wanted.last {
            break;
        }
        let mut full = false;
        let read = Segment::open_to_read(&file.path).and_then(|segment| {
            segment.rows(next, wanted.last, |row| {
                if found.sealed.is_empty() {
                    (found.first, next) = (row.seq, row.seq);
                }
                let one = sealed(&row.sealed).filter(|one| {
                    bytes += one.len();
                    row.seq == next && (bytes <= wanted.max_bytes || found.sealed.is_empty())
                });
                full = one.is_none();
                next += u64::from(!full);
                found.sealed.extend(one);
                !full
            })
        });
        if let Err(error) = read {
            if !is_damage(&error) {
                tracing::error!("seq {next} could not be read back: {error}");
            } else {
                let after = segments.get(index + 1);
                found.damaged.push(Damage {
                    file: file
                        .path
                        .file_name()
                        .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                    first: next.max(file.first_seq),
                    last: after.map_or(0, |after| after.first_seq - 1),
                    reason: error.to_string(),
                });
            }
            if !found.sealed.is_empty() {
                break;
            }
        }
        if full {
            break;
        }
    }
    Ok(found)
}
