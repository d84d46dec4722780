//! The loop: waits for an event, a deadline or a signal; the shell does the rest.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Event;
use super::shell::Shell;
use crate::clock::ASK_EVERY;

/// With nothing due, the loop looks again after this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Drives the shell until it has ended.
pub(super) async fn drive(
    shell: &mut Shell,
    mut events: mpsc::Receiver<Event>,
) -> Result<(), io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut clock = interval(ASK_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Outputs are drained before the next input.
        shell.drain();
        if shell.begins_again() {
            shell.stop("the journal cannot be gone on with");
            shell.drain();
        }
        if shell.has_ended() {
            return Ok(());
        }
        let due = shell.due().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        tokio::select! {
            biased;
            _ = terminate.recv() => shell.stop("SIGTERM"),
            _ = interrupt.recv() => shell.stop("SIGINT"),
            _ = clock.tick() => shell.ask_clock(),
            event = events.recv() => match event {
                Some(event) => shell.take(event),
                None => shell.stop("no more events"),
            },
            () = sleep(due) => shell.deadline(),
        }
    }
}
