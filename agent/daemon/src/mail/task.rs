//! The task that sends, one message at a time.

use cellwatch_core::serve::escalation::Notification;
use cellwatch_model::Utc;
use tokio::sync::mpsc;

use super::{MailError, Server, Site, letter};

/// Messages that wait for the task; the core has at most so many (`serve::escalation`).
const MESSAGES_MAX: usize = 256;

/// Starts the task. `notified` is called exactly once for each message.
pub fn start<F>(
    server: Option<Server>,
    site: Site,
    now: impl Fn() -> Utc + Send + 'static,
    notified: impl Fn(u64, Result<(), String>) -> F + Send + 'static,
) -> mpsc::Sender<Notification>
where
    F: Future<Output = ()> + Send,
{
    let (messages, mut wanted) = mpsc::channel::<Notification>(MESSAGES_MAX);
    tokio::spawn(async move {
        while let Some(message) = wanted.recv().await {
            let outcome = match &server {
                Some(server) => {
                    let letter = letter(&site, &message, now());
                    server.send(&letter, &message.to).await
                }
                None => Err(MailError::None),
            };
            notified(message.id, outcome.map_err(|error| error.to_string())).await;
        }
    });
    messages
}
