//! Writes the state in a thread of its own, so that a slow disk delays no poll.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use cellwatch_record::{JournalId, SavedSite};
use cellwatch_seal::PublicKey;

use super::{AcceptedMasterFile, KeptRoster, State};

/// Writes that may wait. Beyond it a write is left out, with a message: the next one says the same or more.
const WAITING_MAX: usize = 256;

/// What to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// How far the journal is receipted.
    Receipt(JournalId, u64),
    /// How far a journal that was set aside is receipted.
    Former(JournalId, u64),
    /// What of a journal that was set aside is on record as lost: first and last record.
    Lost(JournalId, u64, u64),
    /// The first record from which on the Control Site may have others of a journal that was set aside.
    Fork(JournalId, u64),
    /// A journal that was set aside, of which the Control Site has all that can be read.
    Done(JournalId),
    /// The Master Files that judge or wait to, all of them, and the highest version ever accepted.
    MasterFiles(Vec<AcceptedMasterFile>, u64),
    /// The roster that is believed.
    Roster(KeptRoster),
    /// What the Control Site has said of the site.
    Site(SavedSite),
    /// The journal that is not to be gone on with, and where the Control Site has other records of it.
    GiveUp(JournalId, Option<u64>),
    /// A key that seals records here.
    SealingKey(PublicKey),
}

/// Hands writes to the thread.
#[derive(Debug)]
pub struct Keeper {
    keeps: SyncSender<Keep>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(state: State) -> Result<Self, std::io::Error> {
        let (keeps, received) = sync_channel(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("state-writer".to_owned())
            .spawn(move || run(&state, &received))?;
        Ok(Self { keeps, thread })
    }

    /// Hands over a write.
    pub fn keep(&self, keep: Keep) {
        if self.keeps.try_send(keep).is_err() {
            tracing::error!(
                "state.db is not written fast enough: a receipt, roster, command or Master File is not kept for the next start"
            );
        }
    }

    /// Writes what was handed over and ends the thread.
    pub fn end(self) {
        drop(self.keeps);
        if self.thread.join().is_err() {
            tracing::error!("the thread of state.db ended with a panic");
        }
    }
}

fn run(state: &State, received: &Receiver<Keep>) {
    while let Ok(first) = received.recv() {
        // Of the receipts that wait, only the last counts.
        let mut receipt = None;
        for keep in std::iter::once(first).chain(received.try_iter()) {
            match keep {
                Keep::Receipt(journal, through) => receipt = Some((journal, through)),
                Keep::Former(journal, through) => said(state.keep_former(journal, through)),
                Keep::MasterFiles(files, highest) => {
                    said(state.keep_master_files(&files, highest));
                }
                Keep::Roster(roster) => said(state.keep_roster(&roster)),
                Keep::Site(site) => said(state.keep_site(&site)),
                Keep::Lost(journal, first, last) => said(state.keep_lost(journal, first, last)),
                Keep::Fork(journal, first) => said(state.keep_fork(journal, first)),
                Keep::Done(journal) => said(state.keep_done(journal)),
                Keep::GiveUp(journal, fork) => said(state.give_up(journal, fork)),
                Keep::SealingKey(key) => said(state.keep_sealing_key(key)),
            }
        }
        if let Some((journal, through)) = receipt {
            said(state.keep_receipt(journal, through));
        }
    }
}

fn said(done: Result<(), crate::journal::JournalError>) {
    if let Err(error) = done {
        tracing::error!("not kept for the next start: {error}");
    }
}
