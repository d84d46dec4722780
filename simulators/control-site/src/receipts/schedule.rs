//! Which journal's receipt is due, and when. Time comes in from outside.

use std::collections::BTreeMap;

use cellwatch_model::Mono;

use crate::intake::JournalKey;

/// Shortest time between two receipts of one journal, milliseconds, unless a hole is seen.
pub const RECEIPT_INTERVAL_DEFAULT_MS: u64 = 1_000;
/// A receipt that names missing records is said again after so many milliseconds, so that one
/// that got lost, or whose answer got lost, does not leave the hole open.
pub const RECEIPT_REPEAT_MS: u64 = 10_000;

/// What is due. Nothing is while there is no connection: a new connection makes all due at once.
#[derive(Debug)]
pub struct Schedule {
    interval_ms: u64,
    connected: bool,
    journals: BTreeMap<JournalKey, Due>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Due {
    changed: bool,
    at_once: bool,
    incomplete: bool,
    issued: Option<Mono>,
}

impl Schedule {
    /// At most one receipt of a journal each `interval_ms`, and every journal of `known` at once
    /// when there is a connection.
    #[must_use]
    pub fn new(interval_ms: u64, known: impl IntoIterator<Item = JournalKey>) -> Self {
        let journals = known.into_iter().map(|key| (key, Due::default())).collect();
        Self { interval_ms, connected: false, journals }
    }

    /// The connection to the broker came up or broke.
    pub fn connection(&mut self, connected: bool) {
        self.connected = connected;
        for due in self.journals.values_mut().filter(|_| connected) {
            due.at_once = true;
        }
    }

    /// Whether there is a connection.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.connected
    }

    /// A commit changed what is held of a journal.
    pub fn committed(&mut self, key: &JournalKey, hole_seen: bool, incomplete: bool) {
        let due = self.journals.entry(key.clone()).or_default();
        due.changed = true;
        due.at_once |= hole_seen;
        due.incomplete = incomplete;
    }

    /// Journals whose receipt is due by `now`.
    #[must_use]
    pub fn due(&self, now: Mono) -> Vec<JournalKey> {
        self.deadlines().filter(|(_, at)| *at <= now).map(|(key, _)| key.clone()).collect()
    }

    /// When the next receipt becomes due; none while nothing has changed.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        self.deadlines().map(|(_, at)| at).min()
    }

    fn deadlines(&self) -> impl Iterator<Item = (&JournalKey, Mono)> {
        self.journals.iter().filter(|_| self.connected).filter_map(|(key, due)| {
            let Some(issued) = due.issued else { return Some((key, Mono(0))) };
            if due.at_once {
                Some((key, Mono(0)))
            } else if due.changed {
                Some((key, issued.plus_ms(self.interval_ms)))
            } else {
                due.incomplete.then(|| (key, issued.plus_ms(RECEIPT_REPEAT_MS)))
            }
        })
    }

    /// A receipt went out.
    pub fn issued(&mut self, key: &JournalKey, incomplete: bool, now: Mono) {
        let due = self.journals.entry(key.clone()).or_default();
        *due = Due { changed: false, at_once: false, incomplete, issued: Some(now) };
    }

    /// A receipt could not be sent now: it is made again after the interval.
    pub fn postponed(&mut self, key: &JournalKey, now: Mono) {
        let due = self.journals.entry(key.clone()).or_default();
        *due = Due { changed: true, at_once: false, incomplete: due.incomplete, issued: Some(now) };
    }
}
