//! The task that keeps a connection.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::{End, connection};
use super::{Publisher, Settings};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const END_WITHIN: Duration = Duration::from_secs(4);

/// What happens with the broker, in its order.
#[derive(Debug)]
pub enum Event {
    /// Connected, and subscribed to what comes down.
    Up {
        /// Takes publishes from now on.
        publisher: Publisher,
        /// Most publishes that the broker takes unacknowledged.
        receive_maximum: u16,
        /// Largest packet that it takes, bytes; none where it says nothing.
        maximum_packet_size: Option<u32>,
    },
    /// The connection ended or could not be made; why. Told once for the same reason.
    Down(String),
    /// The next publish that was handed over went out with this packet identifier.
    Sent(u16),
    /// The broker answered for a packet identifier.
    Acknowledged {
        /// The packet identifier.
        packet_id: u16,
        /// Reason code (MQTT 5, §3.4.2.1).
        reason: u8,
    },
    /// Something came on `down/{what}`.
    FromAbove {
        /// Topic after `down/`.
        what: String,
        /// As it came; nothing of it is verified.
        payload: Vec<u8>,
    },
}

#[derive(Debug)]
pub(super) enum Command {
    GiveUp,
    Finish,
}

/// Steers the task.
#[derive(Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

impl Handle {
    /// Gives up the present connection and makes a new one.
    pub fn give_up(&self) {
        // A command that waits already does the same or more.
        let _ = self.commands.try_send(Command::GiveUp);
    }

    /// Lets go out what was handed over, says that the agent is offline, and disconnects; all within
    /// a few seconds. Events must be taken meanwhile or have no taker any more.
    pub async fn finish(self) {
        let _ = self.commands.send(Command::Finish).await;
        let abort = self.task.abort_handle();
        if timeout(END_WITHIN, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Starts to connect, for ever. What happens goes to `events`.
#[must_use]
pub fn start<T>(settings: Settings, events: mpsc::Sender<T>) -> Handle
where
    T: From<Event> + Send + 'static,
{
    let (commands, mut received) = mpsc::channel(4);
    let task = tokio::spawn(async move { run(&settings, &events, &mut received).await });
    Handle { commands, task }
}

async fn run<T: From<Event> + Send>(
    settings: &Settings,
    events: &mpsc::Sender<T>,
    commands: &mut mpsc::Receiver<Command>,
) {
    let mut pause = FIRST_PAUSE;
    let mut last = None;
    loop {
        match connection(settings, events, commands).await {
            End::Finished => return,
            End::Lost { why, was_up } => {
                if was_up {
                    pause = FIRST_PAUSE;
                }
                if was_up || last.as_ref() != Some(&why) {
                    let _ = events.send(Event::Down(why.clone()).into()).await;
                }
                last = Some(why);
            }
        }
        let command = timeout(pause, commands.recv()).await;
        if matches!(command, Ok(Some(Command::Finish) | None)) {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
