//! The thread that keeps the accounts, proves passwords and makes hashes: one after the other.

use std::fmt;
use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};

use cellwatch_model::Mono;
use tokio::sync::oneshot;

use super::lockout::Lockout;
use super::store::{Store, StoreError};
use super::{Account, hash};
use crate::clock::monotonic;

/// Logins and changes that wait for the thread: beyond it they are refused with words.
pub const PASSWORDS_WAITING_MAX: usize = 32;
/// What the thread has at hand.
pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) lockout: Lockout,
    /// Verified in the place of a hash that is not there, so that it takes as long.
    pub(super) nobodys_hash: String,
    listener: Arc<Listener>,
    /// When an account last changed.
    changed_at: Mono,
}

impl Bench {
    /// Tells that an account was changed just now, before anybody is answered, and gives when. Each change has a moment of
    /// its own.
    pub(super) fn changed(&mut self, name: &str) -> Mono {
        self.changed_at = monotonic().max(Mono(self.changed_at.0 + 1));
        if let Some(tell) = self.listener.0.get() {
            tell(name, self.changed_at);
        }
        self.changed_at
    }
}

type Tell = Box<dyn Fn(&str, Mono) + Send + Sync>;

/// Who is told of accounts that change.
#[derive(Default)]
struct Listener(OnceLock<Tell>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("listens", &self.0.get().is_some()).finish()
    }
}

type Job = Box<dyn FnOnce(&mut Bench) + Send>;

/// The people of the site.
#[derive(Clone, Debug)]
pub struct People {
    jobs: SyncSender<Job>,
    listener: Arc<Listener>,
}

impl People {
    /// Opens the accounts in `data_dir` and starts the thread.
    ///
    /// # Errors
    /// The disk or SQLite refuses.
    pub fn start(data_dir: &Path) -> Result<Self, StoreError> {
        let store = Store::open(data_dir)?;
        let (jobs, received) = sync_channel::<Job>(PASSWORDS_WAITING_MAX);
        let listener = Arc::new(Listener::default());
        let told = Arc::clone(&listener);
        let run = move || {
            let nobodys_hash = hash::token().and_then(|token| hash::hash(&token));
            let mut bench = Bench {
                store,
                lockout: Lockout::default(),
                nobodys_hash: nobodys_hash.unwrap_or_default(),
                listener: told,
                changed_at: Mono::default(),
            };
            while let Ok(job) = received.recv() {
                job(&mut bench);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("people".to_owned()).spawn(run) {
            tracing::error!("nobody can log in: the operating system gives no thread: {error}");
        }
        Ok(Self { jobs, listener })
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

    /// Has somebody told the name of each account that changes, and when: sessions that rest on what was proved before
    /// end. It is told in the thread of the accounts, and is to wait for nothing. Only the first who asks is told.
    pub fn on_change(&self, tell: impl Fn(&str, Mono) + Send + Sync + 'static) {
        if self.listener.0.set(Box::new(tell)).is_err() {
            tracing::error!("somebody is told of changed accounts already");
        }
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
