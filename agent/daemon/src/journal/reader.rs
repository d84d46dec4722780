//! Reads sealed records back: for the backlog, and for what a receipt asked for again.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use cellwatch_core::door::Input;
use cellwatch_record::bundle;

use super::JournalError;
use super::segment::{self, Segment};

/// Fetches that may wait; the core has few open at a time.
const FETCHES_MAX: usize = 64;

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

/// Reads in a thread of its own.
#[derive(Debug)]
pub struct Reader {
    fetches: SyncSender<Fetch>,
    _thread: JoinHandle<()>,
}

impl Reader {
    /// Starts the thread. `fetched` is given exactly one [`Input::Fetched`] for each fetch.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        folder: PathBuf,
        fetched: impl Fn(Input) + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        let (fetches, wanted) = sync_channel::<Fetch>(FETCHES_MAX);
        let thread =
            std::thread::Builder::new().name("journal-reader".to_owned()).spawn(move || {
                while let Ok(fetch) = wanted.recv() {
                    fetched(read(&folder, fetch));
                }
            })?;
        Ok(Self { fetches, _thread: thread })
    }

    /// Asks for records; false if too many fetches wait already, so that there will be no answer.
    #[must_use]
    pub fn fetch(&self, fetch: Fetch) -> bool {
        match self.fetches.try_send(fetch) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

fn read(folder: &Path, wanted: Fetch) -> Input {
    let sealed = fetch(folder, wanted).unwrap_or_else(|error| {
        tracing::error!("seq {} could not be read back: {error}", wanted.first);
        Vec::new()
    });
    let through = wanted.first.saturating_add(sealed.len() as u64).saturating_sub(1);
    Input::Fetched { first: wanted.first, through, bundle: bundle::encode(&sealed) }
}

/// The sealed records from `wanted.first`, without a hole, as far as they go into the bundle.
///
/// # Errors
/// A segment cannot be read.
pub fn fetch(folder: &Path, wanted: Fetch) -> Result<Vec<Vec<u8>>, JournalError> {
    let segments = segment::list(folder)?;
    let from = segments.partition_point(|one| one.first_seq <= wanted.first).saturating_sub(1);
    let mut found = Vec::new();
    let mut bytes = 0;
    let mut next = wanted.first;
    for file in &segments[from..] {
        if next > wanted.last || file.first_seq > next {
            break;
        }
        let mut full = false;
        Segment::open_to_read(&file.path)?.rows(next, wanted.last, |row| {
            bytes += row.sealed.len();
            full = row.seq != next || (bytes > wanted.max_bytes && !found.is_empty());
            if !full {
                found.push(row.sealed.to_vec());
                next += 1;
            }
            !full
        })?;
        if full {
            break;
        }
    }
    Ok(found)
}
