//! Reads sealed records back, in a thread of its own: for the backlog, for what a receipt asked for again, to compare
//! with receipts; and looks after the folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cellwatch_core::door::{Damage, Input, KeepHistory};
use cellwatch_core::publish::Ranges;
use cellwatch_record::{Hash, JournalId, Receipt, bundle};
use cellwatch_seal::AgentKeys;

use super::JournalError;
use super::former::FormerFolder;
use super::keys::followed;
use super::late::Reseal;
use super::reading::{Fetch, Found, Judge, fetch, fetch_sealed};
use super::segment::{self, Segment};
use super::survey::{payload_hash, prune, survey};
use super::unseal::{NotOurs, unseal};

/// Tasks that may wait; the core has few fetches open at a time, and receipts are repeated.
const TASKS_MAX: usize = 64;
/// Without any cause the folder is looked at this often.
const SURVEY_EVERY: Duration = Duration::from_secs(3600);
/// What is damaged is told of up to so many places: one that matters ends the journal.
const TOLD_MAX: usize = 256;

#[derive(Debug)]
enum Task {
    Fetch(Fetch, AgentKeys),
    FetchFormer(FormerFolder, Fetch, Reseal),
    Compare(Option<FormerFolder>, Receipt),
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
    /// each change and hourly; the first one names `damaged`, what the opening found. `keys` may have sealed the records.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        folder: PathBuf,
        keep: KeepHistory,
        keys: AgentKeys,
        damaged: Vec<Damage>,
        tell: impl Fn(Input) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let (tasks, wanted) = sync_channel::<Task>(TASKS_MAX);
        let (told, given) = ((BTreeMap::new(), 0), BTreeMap::new());
        let knows_all_keys = false;
        let reading = Reading { folder, keep, keys, knows_all_keys, damaged, told, given, tell };
        let thread = std::thread::Builder::new()
            .name("journal-reader".to_owned())
            .spawn(move || reading.run(&wanted))?;
        Ok(Self { tasks, _thread: thread })
    }

    /// Asks for records, of which `keys` may have sealed some; false if too many tasks wait already, so that there will be
    /// no answer.
    #[must_use]
    pub fn fetch(&self, fetch: Fetch, keys: AgentKeys) -> bool {
        self.hand(Task::Fetch(fetch, keys))
    }

    /// The same from a journal that was set aside, sealed by `reseal` where no usable key has; answered with
    /// [`Input::FormerFetched`].
    #[must_use]
    pub fn fetch_former(&self, former: &FormerFolder, fetch: Fetch, reseal: Reseal) -> bool {
        self.hand(Task::FetchFormer(former.clone(), fetch, reseal))
    }

    /// Compares a receipt's hash with the journal's, or with that of the one that was set aside; the core hears of the receipt afterwards. Beyond what may wait it is
    /// left out: receipts are repeated.
    pub fn compare(&self, former: Option<&FormerFolder>, receipt: Receipt) {
        let _is_repeated = self.hand(Task::Compare(former.cloned(), receipt));
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
    keys: AgentKeys,
    /// The records were looked through for more of them.
    knows_all_keys: bool,
    /// To be told with the next look.
    damaged: Vec<Damage>,
    /// Of which it was told already, by file, and how often.
    told: (BTreeMap<String, Ranges>, usize),
    /// What was given to go out, of which journal that was set aside or of the one that is written: what is wanted again
    /// is looked at more closely.
    given: BTreeMap<Option<JournalId>, Ranges>,
    tell: T,
}

impl<T: Fn(Input)> Reading<T> {
    fn run(mut self, wanted: &Receiver<Task>) {
        self.survey();
        loop {
            match wanted.recv_timeout(SURVEY_EVERY) {
                Ok(Task::Fetch(fetch, keys)) => {
                    self.keys.extend(keys.iter().copied());
                    self.fetch(fetch);
                }
                Ok(Task::FetchFormer(former, fetch, reseal)) => {
                    self.fetch_former(&former, fetch, &reseal);
                }
                Ok(Task::Compare(former, receipt)) => self.compare(former, receipt),
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
        let seals = self.was_given(None, wanted);
        let mut found = self.fetch_judged(wanted, seals);
        let is_damaged = found.as_ref().is_ok_and(|found| !found.damaged.is_empty());
        if is_damaged && !std::mem::replace(&mut self.knows_all_keys, true) {
            // Perhaps its keys are known only by the records in which one followed another.
            if let Ok(keys) = followed(&self.folder, &self.keys) {
                self.keys = keys;
                found = self.fetch_judged(wanted, seals);
            }
        }
        let (first, through, bundle, damaged) = self.given(None, wanted, found);
        (self.tell)(Input::Fetched { first, through, bundle });
        let news: Vec<Damage> = damaged.into_iter().filter(|one| self.is_news(one)).collect();
        if !news.is_empty() {
            self.damaged.extend(news);
            self.survey();
        }
    }

    /// True if nobody was told of all that is gone there.
    fn is_news(&mut self, one: &Damage) -> bool {
        let (told, times) = &mut self.told;
        let mut news = Ranges::default();
        news.insert(one.first, if one.last == 0 { u64::MAX } else { one.last });
        if let Some(told) = told.get(&one.file) {
            news.remove_all(told);
        }
        let is_news = !news.is_empty() && *times < TOLD_MAX;
        if is_news {
            *times += 1;
            told.entry(one.file.clone()).or_default().insert_all(&news);
        }
        is_news
    }

    fn fetch_judged(&self, wanted: Fetch, seals: bool) -> Result<Found, JournalError> {
        fetch(&self.folder, wanted, Judge { keys: &self.keys, seals, knows_all_keys: true })
    }

    fn fetch_former(&mut self, former: &FormerFolder, wanted: Fetch, reseal: &Reseal) {
        let journal = former.journal;
        let seals = self.was_given(Some(journal), wanted);
        // Whoever knows the other keys will judge what they sealed.
        let judge = Judge { keys: &self.keys, seals, knows_all_keys: false };
        let sealed = |stored: &[u8]| reseal.seal(stored);
        let found = fetch_sealed(&former.folder, wanted, judge, sealed);
        let (first, through, bundle, damaged) = self.given(Some(journal), wanted, found);
        let end = |last| if last == 0 { former.last } else { last };
        let lost = damaged.iter().map(|one| (one.first, end(one.last))).collect();
        (self.tell)(Input::FormerFetched { journal, first, through, bundle, lost });
    }

    fn was_given(&self, journal: Option<JournalId>, wanted: Fetch) -> bool {
        let given = self.given.get(&journal);
        given.is_some_and(|given| given.overlaps(wanted.first, wanted.last))
    }

    /// First and last record of a bundle, the bundle, and what is damaged.
    fn given(
        &mut self,
        journal: Option<JournalId>,
        wanted: Fetch,
        found: Result<Found, JournalError>,
    ) -> (u64, u64, Vec<u8>, Vec<Damage>) {
        let found = found.unwrap_or_else(|error| {
            tracing::error!("seq {} could not be read back: {error}", wanted.first);
            Found { first: wanted.first, ..Found::default() }
        });
        let through = found.first.saturating_add(found.sealed.len() as u64).saturating_sub(1);
        let given = self.given.entry(journal).or_default();
        given.insert(found.first, through);
        given.bound();
        (found.first, through, bundle::encode(&found.sealed), found.damaged)
    }

    /// What was pruned or cannot be read contradicts nothing.
    fn compare(&self, former: Option<FormerFolder>, receipt: Receipt) {
        let folder = former.as_ref().map_or(self.folder.as_path(), |former| &former.folder);
        let ours = match hash_of(folder, receipt.through, &self.keys) {
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

/// The payload's hash of a record; none where it is not on this disk, or damaged.
fn hash_of(folder: &Path, seq: u64, keys: &AgentKeys) -> Result<Option<Hash>, JournalError> {
    let segments = segment::list(folder)?;
    let Some(at) = segments.partition_point(|one| one.first_seq <= seq).checked_sub(1) else {
        return Ok(None);
    };
    let sealed = Segment::open_to_read(&segments[at].path)?.sealed(seq)?;
    let is_whole = |sealed: &Vec<u8>| !matches!(unseal(sealed, keys), Err(NotOurs::Damaged(_)));
    Ok(sealed.filter(is_whole).map(|sealed| payload_hash(&sealed)))
}
