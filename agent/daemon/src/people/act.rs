//! What people ask of the loop, and how its answer comes back.

use std::time::Duration;

use cellwatch_core::door::OperatorAction;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::control::Answer;

/// An answer waits for the disk so long at most; the action itself is not taken back then. Pages wait longer, so that
/// they can say so.
pub const DURABLE_WITHIN: Duration = Duration::from_secs(15);

/// Something for the loop.
#[derive(Debug)]
pub enum Act {
    /// A person did something; the answer comes when its record is on disk.
    Person(Box<OperatorAction>, oneshot::Sender<Answer>),
    /// People begin or cease to look.
    Watched(bool),
}

/// Hands acts to the loop.
#[derive(Clone, Debug)]
pub struct Loop(mpsc::Sender<Act>);

impl Loop {
    /// A loop that takes acts from the other end.
    #[must_use]
    pub const fn new(acts: mpsc::Sender<Act>) -> Self {
        Self(acts)
    }

    /// Says whether anybody looks.
    pub async fn watched(&self, watched: bool) {
        // After the loop has ended nobody needs to know.
        let _ = self.0.send(Act::Watched(watched)).await;
    }

    /// Has the core do something; gives its answer once the record is on disk.
    pub async fn act(&self, action: OperatorAction) -> Answer {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Act::Person(Box::new(action), answer)).await.is_err() {
            return Answer::Error("cellwatch is ending".to_owned());
        }
        match timeout(DURABLE_WITHIN, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::Error("cellwatch is ending".to_owned()),
            Err(_) => Answer::Error(
                "taken, but not on disk yet: the journal cannot be written; see the log".to_owned(),
            ),
        }
    }
}
