//! Looks at what the agent itself stands on: free space, certificate, key files.
//!
//! Out: one event for each, at the start and every [`LOOK_EVERY`]. What of it is an alarm is the core's to say.

mod files;
mod filling;

use std::path::PathBuf;
use std::time::Duration;

use cellwatch_core::door::Input;
use cellwatch_model::Mono;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use filling::Filling;

/// How often.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where to look.
#[derive(Clone, Debug)]
pub struct Places {
    /// Folder of journal and state.
    pub data: PathBuf,
    /// The agent's certificates.
    pub certificates: Vec<PathBuf>,
    /// Files that nobody but the agent may read.
    pub keys: Vec<PathBuf>,
}

/// Looks for ever, in threads where a slow disk delays nobody.
pub fn start<T: From<Input> + Send + 'static>(places: Places, events: mpsc::Sender<T>) {
    tokio::spawn(async move {
        let began = Instant::now();
        let mut filling = Filling::default();
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let at = look.tick().await;
            let ms = u64::try_from((at - began).as_millis()).unwrap_or(u64::MAX);
            let there = places.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let free = files::free_bytes(&there.data);
                (free, files::first_to_expire(&there.certificates), files::exposed(&there.keys))
            });
            let Ok((free, expires, keys)) = looked.await else { return };
            let disk =
                free.map(|free| Input::Disk(filling.looked(Mono::default().plus_ms(ms), free)));
            let certificate = expires.map(|(expires, name)| Input::Certificate { expires, name });
            let seen = [disk, certificate, Some(Input::KeyFile(keys))];
            for input in seen.into_iter().flatten() {
                if events.send(input.into()).await.is_err() {
                    return;
                }
            }
        }
    });
}
