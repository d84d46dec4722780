//! The task of one device: sessions one after the other, for ever.

use std::time::Duration;

use cellwatch_core::door::{NoReply, RequestId, UaInput};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::session::{Refused, Session};
use super::settings::{CONNECT_WITHIN, LASTED, PAUSE_FIRST, PAUSE_MAX};
use super::{Settings, own};

/// Requests that may wait; the core has at most one read open for each device.
const ASKS_MAX: usize = 4;

/// What the core asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Read everything.
    Read {
        /// To be named in the answer.
        request: RequestId,
        /// How long to wait, milliseconds.
        timeout_ms: u64,
    },
    /// Give the session up and make a new one.
    Reconnect {
        /// Why.
        why: String,
    },
}

/// Starts the task of a device. `tell` is waited for, so that a loop that cannot keep up slows the device's
/// own task and nobody else's.
pub fn start<F>(
    settings: Settings,
    tell: impl Fn(UaInput) -> F + Send + Sync + 'static,
) -> mpsc::Sender<Ask>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (asks, wanted) = mpsc::channel::<Ask>(ASKS_MAX);
    tokio::spawn(run(settings, wanted, tell));
    asks
}

async fn run<F>(
    settings: Settings,
    mut asks: mpsc::Receiver<Ask>,
    tell: impl Fn(UaInput) -> F + Send + Sync,
) where
    F: Future<Output = ()> + Send,
{
    let mut pause = PAUSE_FIRST;
    let mut said_untrusted: Option<String> = None;
    let mut said = String::new();
    loop {
        let began = Instant::now();
        let why = match timeout(CONNECT_WITHIN, connect(&settings)).await {
            Ok(Ok(session)) => {
                tell(UaInput::Up { session: session.words().to_owned() }).await;
                let why = session.serve(&mut asks, &tell).await;
                let Some(why) = why else { return };
                why
            }
            Ok(Err(Refused::Untrusted { text, thumbprint })) => {
                if said_untrusted.as_ref() != Some(&thumbprint) {
                    said_untrusted = Some(thumbprint.clone());
                    tell(UaInput::Untrusted { text: text.clone(), thumbprint }).await;
                }
                text
            }
            Ok(Err(Refused::Failed(why))) => why,
            Err(_) => format!("no session within {} s", CONNECT_WITHIN.as_secs()),
        };
        if said != why {
            tracing::warn!("device {}: {why}", settings.device);
            said.clone_from(&why);
        }
        tell(UaInput::Down(why)).await;
        pause = if began.elapsed() >= LASTED { PAUSE_FIRST } else { (pause * 2).min(PAUSE_MAX) };
        if !wait(pause, &mut asks, &tell).await {
            return;
        }
    }
}

async fn connect(settings: &Settings) -> Result<Session, Refused> {
    let own = settings.clone();
    let client = tokio::task::spawn_blocking(move || own::client(&own)).await;
    let client =
        client.map_err(|error| Refused::Failed(error.to_string()))?.map_err(Refused::Failed)?;
    Session::connect(settings, &client).await
}

/// Waits, and answers what is asked meanwhile; false once nobody can ask any more.
async fn wait<F>(
    pause: Duration,
    asks: &mut mpsc::Receiver<Ask>,
    tell: &(impl Fn(UaInput) -> F + Sync),
) -> bool
where
    F: Future<Output = ()> + Send,
{
    let until = Instant::now() + pause;
    loop {
        tokio::select! {
            ask = asks.recv() => match ask {
                None => return false,
                Some(Ask::Reconnect { .. }) => {}
                Some(Ask::Read { request, .. }) => {
                    let why = "there is no session".to_owned();
                    let outcome = Err(NoReply::NotConnected(why));
                    tell(UaInput::Read { request, outcome }).await;
                }
            },
            () = sleep_until(until) => return true,
        }
    }
}
