//! Messages on their way to the server.

use std::collections::VecDeque;

use cellwatch_model::Mono;

use super::Item;

/// Messages that wait at most; the oldest one is then given up, on record.
pub(super) const QUEUE_MAX: usize = 200;
/// After the first attempt that failed, the next one comes after this, milliseconds; then after twice as long each.
pub(super) const FIRST_RETRY_MS: u64 = 30_000;
/// The longest pause between two attempts, milliseconds.
pub(super) const LONGEST_RETRY_MS: u64 = 900_000;
/// A message that the server did not take for so long is given up, milliseconds: a day. By then somebody has come.
pub(super) const AGE_MAX_MS: u64 = 86_400_000;

/// A message for a route.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// Its number, to be named in the outcome.
    pub id: u64,
    /// Name of the route.
    pub route: String,
    /// To whom.
    pub to: Vec<String>,
    /// The alarms, the most urgent first; none in a message that tests the route.
    pub items: Vec<Item>,
    /// So many more alarms are not listed.
    pub left_out: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A message and when it is tried.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) message: Notification,
    pub(super) made: Mono,
    /// When it is tried next; none while an attempt is under way.
    pub(super) next: Option<Mono>,
}

/// What became of a message that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// It is tried again.
    Again,
    /// It was given up.
    GivenUp,
}

/// All messages on their way.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
}

impl Queue {
    /// Takes a message; gives the oldest one back where there are too many.
    pub(super) fn push(&mut self, message: Notification, now: Mono) -> Option<Notification> {
        let over = if self.waiting.len() >= QUEUE_MAX { self.waiting.pop_front() } else { None };
        self.waiting.push_back(Waiting { message, made: now, next: Some(now) });
        over.map(|over| over.message)
    }

    pub(super) fn next_due(&self) -> Option<Mono> {
        self.waiting.iter().filter_map(|one| one.next).min()
    }

    /// The next attempt that is due.
    pub(super) fn take_due(&mut self, now: Mono) -> Option<Notification> {
        let due = |one: &&mut Waiting| one.next.is_some_and(|next| next <= now);
        let one = self.waiting.iter_mut().find(due)?;
        one.next = None;
        one.message.attempt += 1;
        Some(one.message.clone())
    }

    /// The server took it.
    pub(super) fn sent(&mut self, id: u64) -> Option<Notification> {
        let at = self.waiting.iter().position(|one| one.message.id == id)?;
        self.waiting.remove(at).map(|one| one.message)
    }

    /// The server did not take it.
    pub(super) fn failed(&mut self, id: u64, now: Mono) -> Option<(Notification, Failed)> {
        let at = self.waiting.iter().position(|one| one.message.id == id)?;
        if now.ms_since(self.waiting[at].made) >= AGE_MAX_MS {
            return self.waiting.remove(at).map(|one| (one.message, Failed::GivenUp));
        }
        let one = &mut self.waiting[at];
        let doubled = one.message.attempt.saturating_sub(1).min(16);
        let pause_ms = (FIRST_RETRY_MS << doubled).min(LONGEST_RETRY_MS);
        one.next = Some(now.plus_ms(pause_ms));
        Some((one.message.clone(), Failed::Again))
    }

    /// True while the server has not taken something that was tried.
    pub(super) fn is_failing(&self) -> bool {
        self.waiting.iter().any(|one| one.message.attempt > 0 && one.next.is_some())
    }
}
