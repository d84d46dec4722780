//! The thread that keeps the accounts, proves passwords and makes hashes: one after the other.

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use cellwatch_model::Mono;
use tokio::sync::{broadcast, oneshot};

use super::lockout::Lockout;
use super::store::{Store, StoreError};
use super::{Account, hash};
use crate::clock::monotonic;

/// Logins and changes that wait for the thread: beyond it they are refused with words.
pub const PASSWORDS_WAITING_MAX: usize = 32;
/// Changed accounts of which the page has not heard yet: beyond it everybody is logged out.
const NEWS_MAX: usize = 64;

/// What the thread has at hand.
pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) lockout: Lockout,
    /// Verified in the place of a hash that is not there, so that it takes as long.
    pub(super) nobodys_hash: String,
}

type Job = Box<dyn FnOnce(&mut Bench) + Send>;

/// The people of the site.
#[derive(Clone, Debug)]
pub struct People {
    jobs: SyncSender<Job>,
    news: broadcast::Sender<(String, Mono)>,
}

impl People {
    /// Opens the accounts in `data_dir` and starts the thread.
    ///
    /// # Errors
    /// The disk or SQLite refuses.
    pub fn start(data_dir: &Path) -> Result<Self, StoreError> {
        let store = Store::open(data_dir)?;
        let (jobs, received) = sync_channel::<Job>(PASSWORDS_WAITING_MAX);
        let run = move || {
            let nobodys_hash = hash::token().and_then(|token| hash::hash(&token));
            let mut bench = Bench {
                store,
                lockout: Lockout::default(),
                nobodys_hash: nobodys_hash.unwrap_or_default(),
            };
            while let Ok(job) = received.recv() {
                job(&mut bench);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("people".to_owned()).spawn(run) {
            tracing::error!("nobody can log in: the operating system gives no thread: {error}");
        }
        Ok(Self { jobs, news: broadcast::channel(NEWS_MAX).0 })
    }

    /// Has the thread do something; none if too much waits for it already, or it has ended.
    pub(super) async fn with<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Bench) -> R + Send + 'static,
    ) -> Option<R> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |bench| {
            // Who went away does not wait.
            let _ = done.send(job(bench));
        });
        match self.jobs.try_send(job) {
            Ok(()) => answer.await.ok(),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => None,
        }
    }

    /// The names of accounts that changed, and when: sessions that began before end.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<(String, Mono)> {
        self.news.subscribe()
    }

    pub(super) fn say_changed(&self, name: &str) {
        // Without a page nobody listens.
        let _ = self.news.send((name.to_owned(), monotonic()));
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// They cannot be read now; in words.
    pub async fn list(&self) -> Result<Vec<Account>, String> {
        let all = self.with(|bench| bench.store.all()).await;
        all.ok_or_else(busy)?.map_err(|error| error.to_string())
    }
}

pub(super) fn busy() -> String {
    "too many logins at once: try again in a moment".to_owned()
}
