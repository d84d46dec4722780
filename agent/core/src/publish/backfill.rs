//! Backlog in bundles: at most a few at a time, alarms first, around what cannot go.

use cellwatch_model::Mono;

use super::book::Carried;
use super::limits::{BUNDLE_BYTES_MAX, BUNDLE_RECORDS_MAX, Limits, UNCOVERED_MAX};
use super::notice::Notice;
use super::outbox::{Outbox, publish};
use super::ranges::Ranges;
use crate::door::{Content, Output};

/// The bundle that is being made: one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bundling {
    asked: Option<Asked>,
    ready: Option<Ready>,
    /// Most records in the next one: halved when one is refused or too large, doubled when one is taken.
    records_max: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Asked {
    first: u64,
    last: u64,
    urgent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ready {
    first: u64,
    last: u64,
    urgent: bool,
    bundle: Vec<u8>,
}

impl Default for Bundling {
    fn default() -> Self {
        Self { asked: None, ready: None, records_max: BUNDLE_RECORDS_MAX }
    }
}

impl Bundling {
    pub(super) fn grow(&mut self) {
        self.records_max = self.records_max.saturating_mul(2).min(BUNDLE_RECORDS_MAX);
    }

    pub(super) fn shrink(&mut self, records: u64) {
        self.records_max = self.records_max.min(records / 2).max(1);
    }

    /// The connection ended, or nothing may go out. An answer of the journal that is still to come finds nothing to do.
    pub(super) fn down(&mut self) {
        self.ready = None;
        self.records_max = BUNDLE_RECORDS_MAX;
    }
}

impl Outbox {
    /// True if nothing but a pause keeps the next bundle from being fetched.
    pub(super) fn may_fetch(&self, limits: Limits) -> bool {
        let Bundling { asked, ready, .. } = &self.bundling;
        let waits_for_receipts = self.receipts_come && self.acknowledged.len() >= UNCOVERED_MAX;
        asked.is_none()
            && !waits_for_receipts
            && ready.is_none()
            && !(self.backlog.is_empty() && self.urgent_backlog.is_empty())
            && self.book.bundles() < limits.bundles
    }

    pub(super) fn fetch(&mut self, limits: Limits, now: Mono) -> Option<Output> {
        if now < self.hold_until || !self.may_fetch(limits) {
            return None;
        }
        let urgent = self.urgent_backlog.first();
        let (first, last) = urgent.or_else(|| self.backlog.first())?;
        let last = last.min(first.saturating_add(self.bundling.records_max - 1));
        self.bundling.asked = Some(Asked { first, last, urgent: urgent.is_some() });
        let room = limits.room(&self.topics.backfill());
        // A record's head in a bundle takes up to 5 bytes, and a sealed record is never below 160.
        let max_bytes = BUNDLE_BYTES_MAX.min(room.saturating_sub(room / 32 + 8)).max(1);
        Some(Output::Fetch { first, last, max_bytes })
    }

    /// The journal gave a bundle of `first` to `through`. A `first` after the one asked for says that
    /// those before it cannot be read; a `through` before `first`, that the one asked for cannot.
    pub fn fetched(&mut self, first: u64, through: u64, bundle: Vec<u8>, now: Mono) {
        let Some(asked) = self.bundling.asked.take() else { return };
        let Some(limits) = self.up else { return };
        let came = first >= asked.first && first <= asked.last && through >= first;
        if !came {
            self.unreadable(asked.first, asked.first, now);
            self.hold_until = self.hold_until.max(now.plus_ms(self.pauses.unreadable_ms));
            return;
        }
        if first > asked.first {
            self.unreadable(asked.first, first - 1, now);
        }
        let room = limits.room(&self.topics.backfill());
        if bundle.len() <= room {
            let Asked { urgent, .. } = asked;
            self.bundling.ready = Some(Ready { first, last: through, urgent, bundle });
        } else if through > first {
            self.bundling.shrink(through - first + 1);
        } else {
            self.backlog.remove(first, first);
            self.urgent_backlog.remove(first, first);
            self.aside.too_large(first);
            self.notices.say(Notice::TooLarge {
                seq: first,
                bytes: bundle.len() as u64,
                packet_bytes_max: limits.packet_bytes as u64,
            });
        }
    }

    fn unreadable(&mut self, first: u64, last: u64, now: Mono) {
        // What a receipt covered meanwhile may have been pruned: nobody wants it any more.
        let first = first.max(self.floor.saturating_add(1));
        if last < first {
            return;
        }
        self.backlog.remove(first, last);
        self.urgent_backlog.remove(first, last);
        let mut later = Ranges::default();
        later.insert(first, last);
        later.remove_all(&self.gone);
        for (first, last) in later.iter() {
            self.aside.later(first, last, now.plus_ms(self.pauses.aside_ms));
            self.notices.say(Notice::Unreadable { seq: first });
        }
    }

    pub(super) fn send_bundle(&mut self, now: Mono) -> Option<Output> {
        let Ready { first, last, urgent, bundle } = self.bundling.ready.take()?;
        let is_wanted =
            self.backlog.overlaps(first, last) || self.urgent_backlog.overlaps(first, last);
        if !is_wanted {
            return None;
        }
        self.backlog.remove(first, last);
        self.urgent_backlog.remove(first, last);
        self.figures.bundles += 1;
        self.hand(Carried::Records { first, last, urgent, backfill: true }, now);
        Some(publish(self.topics.backfill(), false, Content::Sealed(bundle.into())))
    }
}
