//! Notices a broker that does not answer, or a client that is stuck.
//!
//! A broker that takes publishes and never answers them holds the window shut, and so does a client
//! that keeps a packet identifier for an answer that does not come. A new connection opens it again.

use cellwatch_model::Mono;

use super::limits::{Pauses, rebased};

/// Watches for answers on one connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Silence {
    patience_ms: u64,
    due: Option<Mono>,
    given_up: bool,
}

impl Silence {
    pub(super) const fn new(pauses: &Pauses) -> Self {
        Self { patience_ms: pauses.silence_ms, due: None, given_up: false }
    }

    /// A publish was handed over: an answer is expected.
    pub(super) fn handed(&mut self, now: Mono) {
        self.due.get_or_insert(now.plus_ms(self.patience_ms));
    }

    /// The broker answered.
    pub(super) fn answered(&mut self, more_in_flight: bool, pauses: &Pauses, now: Mono) {
        if !self.given_up {
            self.patience_ms = pauses.silence_ms;
            self.due = more_in_flight.then(|| now.plus_ms(self.patience_ms));
        }
    }

    /// The connection ended. What was learned about the broker's pace stays.
    pub(super) const fn down(&mut self) {
        self.due = None;
        self.given_up = false;
    }

    /// True after the connection was given up, until it ends.
    pub(super) const fn has_given_up(&self) -> bool {
        self.given_up
    }

    pub(super) fn due(&self, unanswered: Option<Mono>) -> Option<Mono> {
        let unanswered = unanswered.filter(|_| !self.given_up);
        [self.due, unanswered].into_iter().flatten().min()
    }

    /// True if the connection is to be given up now. Said again when that did not end it.
    pub(super) fn gives_up(
        &mut self,
        unanswered: Option<Mono>,
        pauses: &Pauses,
        now: Mono,
    ) -> bool {
        let is_due = self.due(unanswered).is_some_and(|due| due <= now);
        if is_due {
            self.given_up = true;
            self.patience_ms = self.patience_ms.saturating_mul(2).min(pauses.silence_max_ms);
            self.due = Some(now.plus_ms(self.patience_ms));
        }
        is_due
    }

    pub(super) fn rebase(&mut self, origin: Mono) {
        self.due = self.due.map(|due| rebased(due, origin));
    }
}
