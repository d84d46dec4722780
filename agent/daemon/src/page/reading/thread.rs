//! The thread that reads.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use crate::journal::JournalError;
use crate::page::failure::Failure;

/// Queries that wait: beyond it a query is refused with words.
const QUERIES_MAX: usize = 32;

type Query = Box<dyn FnOnce(&Path) + Send>;

/// Hands queries to the thread.
#[derive(Clone, Debug)]
pub(in crate::page) struct Readings(SyncSender<Query>);

impl Readings {
    /// Starts the thread.
    pub(in crate::page) fn start(journal: PathBuf) -> Self {
        let (queries, received) = sync_channel::<Query>(QUERIES_MAX);
        let run = move || {
            while let Ok(query) = received.recv() {
                query(&journal);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("page-reader".to_owned()).spawn(run) {
            tracing::error!("pages cannot read the journal: {error}");
        }
        Self(queries)
    }

    /// Reads; in words where that does not go.
    pub(in crate::page) async fn read<R: Send + 'static>(
        &self,
        query: impl FnOnce(&Path) -> Result<R, JournalError> + Send + 'static,
    ) -> Result<R, Failure> {
        let (done, answer) = oneshot::channel();
        let query: Query = Box::new(move |journal| {
            // Whoever has gone in the meantime costs nothing more.
            if !done.is_closed() {
                let _ = done.send(query(journal));
            }
        });
        match self.0.try_send(query) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(Failure::busy("many pages read back at once: try again in a moment"));
            }
            Err(TrySendError::Disconnected(_)) => return Err(Failure::ending()),
        }
        let read = answer.await.map_err(|_| Failure::ending())?;
        read.map_err(|error| {
            tracing::error!("a page could not read back: {error}");
            Failure::busy("the journal cannot be read now: see the agent's log")
        })
    }
}
