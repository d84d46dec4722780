//! Alarm changes in, figures out.

use std::collections::{BTreeMap, VecDeque};

use cellwatch_model::{AlarmTransition, IsaState, Mono, Now, Utc};
use cellwatch_record::{AlarmChange, Batch, BatchChange, Datum};

use super::tally::Tally;

/// The window of the rate, milliseconds.
const WINDOW_MS: u64 = 600_000;
/// A flood begins with more annunciations than this in the window (EEMUA 191: ten in ten minutes).
pub(super) const FLOOD_ABOVE: usize = 10;
/// A flood ends with fewer than this.
const FLOOD_ENDS_BELOW: usize = 5;
/// Annunciations of the window that are remembered; in a worse flood the rate stands at this.
const WINDOW_MAX: usize = 1_024;
/// An alarm chatters that is raised so often within [`CHATTER_MS`].
const CHATTER_RAISED: usize = 3;
const CHATTER_MS: u64 = 60_000;
/// An alarm is fleeting that returns within this time, milliseconds, and is not raised again within [`REPEAT_MS`].
const FLEETING_MS: u64 = 10_000;
const REPEAT_MS: u64 = 60_000;
/// An alarm is stale that stands longer than this, milliseconds.
const STALE_MS: u64 = 86_400_000;

/// Counts annunciations.
#[derive(Clone, Debug, Default)]
pub(crate) struct AlarmMetrics {
    pub(super) window: VecDeque<Mono>,
    pub(super) flood: Option<Mono>,
    pub(super) alarms: BTreeMap<String, Track>,
    /// The month, such as `2026-01`.
    pub(super) month: (String, Tally),
    /// By unit: the batch that runs, or ran last.
    pub(super) batches: BTreeMap<String, (String, Tally)>,
    /// By unit: since when its batch runs.
    pub(super) running: BTreeMap<String, Mono>,
}

/// One alarm. There are as many as alarms.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) unit: Option<String>,
    raised: VecDeque<Mono>,
    is_chattering: bool,
    /// Returned so soon that it is fleeting unless it is raised again.
    returned: Option<Mono>,
    /// Called, and nobody has answered.
    called: Option<Mono>,
    stands_since: Option<Mono>,
}

/// A flood began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloodChange {
    pub(crate) started: bool,
    pub(crate) at: Mono,
    pub(crate) in_10_min: usize,
}

/// True where a change calls for a person.
pub(crate) const fn is_annunciation(change: &AlarmChange) -> bool {
    matches!(change.state, IsaState::Unacknowledged)
        && matches!(
            change.transition,
            AlarmTransition::Raised
                | AlarmTransition::ReAlarmed
                | AlarmTransition::Unshelved
                | AlarmTransition::Unsuppressed
                | AlarmTransition::ReturnedToService
        )
}

impl AlarmMetrics {
    /// Takes a change of an alarm of `unit`, in its batch.
    pub(crate) fn alarm(
        &mut self,
        unit: Option<&str>,
        batch: Option<&str>,
        change: &AlarmChange,
        utc: Utc,
    ) -> Option<FloodChange> {
        let at = change.at;
        self.turn_over(unit, batch, utc);
        self.settle(at);
        let id = name(unit, &change.alarm);
        let track = self.alarms.entry(id.clone()).or_default();
        track.unit = unit.map(str::to_owned);
        let waited_ms = track.changed(change);
        let calls = is_annunciation(change);
        let chatters = calls && track.chatters(change);
        if calls {
            self.remember(at);
        }
        let in_10_min = self.window.len();
        self.tallies(unit, |tally| {
            if calls {
                tally.annunciated(&id, change.priority, in_10_min as u64);
            }
            tally.chattering += u64::from(chatters);
            if let Some(waited_ms) = waited_ms {
                tally.acknowledged(waited_ms);
            }
        });
        let starts = self.flood.is_none() && in_10_min > FLOOD_ABOVE;
        if !starts {
            return None;
        }
        self.flood_began(at);
        Some(FloodChange { started: true, at, in_10_min })
    }

    /// A batch of `unit` began, went on to another phase, or ended. A flood is one of the whole site's: it counts in each
    /// batch that runs meanwhile, with the time that it does.
    pub(crate) fn batch(&mut self, unit: &str, change: &Batch, at: Mono, utc: Utc) {
        match change.change {
            BatchChange::Started => {
                self.turn_over(Some(unit), Some(&change.batch), utc);
                self.running.insert(unit.to_owned(), at);
                if self.flood.is_some() {
                    self.batch_tally(unit, |tally| tally.floods += 1);
                }
            }
            BatchChange::Ended => {
                if let Some(since) = self.flood {
                    self.batch_in_flood(unit, since, at);
                }
                self.running.remove(unit);
            }
            BatchChange::Phase | BatchChange::Sealed => {}
        }
    }

    pub(super) fn flood_began(&mut self, at: Mono) {
        self.flood = Some(at);
        self.month.1.floods += 1;
        for unit in self.running.keys().cloned().collect::<Vec<_>>() {
            self.batch_tally(&unit, |tally| tally.floods += 1);
        }
    }

    /// The part of a flood from `since` until `at` that the batch of `unit` ran through.
    fn batch_in_flood(&mut self, unit: &str, since: Mono, at: Mono) {
        let Some(began) = self.running.get(unit).copied() else { return };
        let ms = at.ms_since(since.max(began));
        self.batch_tally(unit, |tally| tally.flood_ms += ms);
    }

    fn batch_tally(&mut self, unit: &str, count: impl Fn(&mut Tally)) {
        if let Some((_, tally)) = self.batches.get_mut(unit) {
            count(tally);
        }
    }

    /// When a flood ends.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let since = self.flood?;
        let place = self.window.len().checked_sub(FLOOD_ENDS_BELOW);
        Some(place.map_or(since, |place| self.window[place].plus_ms(WINDOW_MS)))
    }

    /// Ends a flood that is over.
    pub(crate) fn elapse(&mut self, now: Mono) -> Option<FloodChange> {
        let at = self.next_deadline().filter(|due| *due <= now)?;
        self.forget(at);
        let since = self.flood.take()?;
        self.month.1.flood_ms += at.ms_since(since);
        for unit in self.running.keys().cloned().collect::<Vec<_>>() {
            self.batch_in_flood(&unit, since, at);
        }
        Some(FloodChange { started: false, at, in_10_min: self.window.len() })
    }

    /// For health records: bounded by the number of units.
    pub(crate) fn figures(&mut self, now: Now, figures: &mut BTreeMap<String, Datum>) {
        self.turn_over(None, None, now.utc);
        let now = now.mono;
        self.settle(now);
        self.forget(now);
        let stale =
            |track: &&Track| track.stands_since.is_some_and(|since| now.ms_since(since) > STALE_MS);
        let stale = self.alarms.values().filter(stale).count();
        figures.insert("alarms.in_10_min".to_owned(), Datum::from(self.window.len() as u64));
        figures.insert("alarms.flood".to_owned(), Datum::Bool(self.flood.is_some()));
        figures.insert("alarms.stale".to_owned(), Datum::from(stale as u64));
        let (month, tally) = &self.month;
        figures.insert("alarms.month".to_owned(), Datum::from(month.as_str()));
        tally.figures("alarms.month", figures);
        for (unit, (batch, tally)) in &self.batches {
            figures.insert(format!("{unit}.alarms.batch"), Datum::from(batch.as_str()));
            tally.figures(&format!("{unit}.alarms.batch"), figures);
        }
    }

    /// Begins with another month or batch.
    pub(super) fn turn_over(&mut self, unit: Option<&str>, batch: Option<&str>, utc: Utc) {
        let month = jiff::Timestamp::from_nanosecond(i128::from(utc.0))
            .map(|at| at.strftime("%Y-%m").to_string())
            .unwrap_or_default();
        if self.month.0 != month {
            self.month = (month, Tally::default());
        }
        if let (Some(unit), Some(batch)) = (unit, batch)
            && self.batches.get(unit).is_none_or(|(known, _)| known != batch)
        {
            self.batches.insert(unit.to_owned(), (batch.to_owned(), Tally::default()));
        }
    }

    pub(super) fn tallies(&mut self, unit: Option<&str>, count: impl Fn(&mut Tally)) {
        count(&mut self.month.1);
        if let Some((_, tally)) = unit.and_then(|unit| self.batches.get_mut(unit)) {
            count(tally);
        }
    }

    /// Counts as fleeting what was not raised again in time.
    fn settle(&mut self, now: Mono) {
        let mut fleeting = Vec::new();
        for track in self.alarms.values_mut() {
            let is_over = |returned: &mut Mono| now.ms_since(*returned) >= REPEAT_MS;
            if track.returned.take_if(is_over).is_some() {
                fleeting.push(track.unit.clone());
            }
        }
        for unit in fleeting {
            self.tallies(unit.as_deref(), |tally| tally.fleeting += 1);
        }
    }

    /// An annunciation of the window.
    pub(super) fn remember(&mut self, at: Mono) {
        while self.window.len() >= WINDOW_MAX {
            self.window.pop_front();
        }
        self.window.push_back(at);
        self.forget(at);
    }

    fn forget(&mut self, now: Mono) {
        while self.window.front().is_some_and(|first| now.ms_since(*first) >= WINDOW_MS) {
            self.window.pop_front();
        }
    }
}

impl Track {
    /// Takes a change; gives the time that an answer took.
    fn changed(&mut self, change: &AlarmChange) -> Option<u64> {
        let at = change.at;
        if change.transition == AlarmTransition::Raised {
            self.returned = None;
        }
        if change.transition == AlarmTransition::Returned {
            let last = self.raised.back().filter(|raised| at.ms_since(**raised) < FLEETING_MS);
            self.returned = last.map(|_| at);
        }
        let waited_ms = (change.transition == AlarmTransition::Acknowledged)
            .then(|| self.called.take().map(|called| at.ms_since(called)))
            .flatten();
        self.stands(change.state, at);
        waited_ms
    }

    /// It is in this state since `at`, or for longer.
    pub(super) fn stands(&mut self, state: IsaState, at: Mono) {
        match state {
            IsaState::Unacknowledged
            | IsaState::ReturnedUnacknowledged
            | IsaState::LatchedUnacknowledged => {
                self.called.get_or_insert(at);
                self.stands_since.get_or_insert(at);
            }
            IsaState::Acknowledged | IsaState::LatchedAcknowledged => {
                self.called = None;
                self.stands_since.get_or_insert(at);
            }
            IsaState::Normal
            | IsaState::Shelved
            | IsaState::SuppressedByDesign
            | IsaState::OutOfService => {
                self.called = None;
                self.stands_since = None;
            }
        }
    }

    /// True where this annunciation makes it a chattering one.
    fn chatters(&mut self, change: &AlarmChange) -> bool {
        if change.transition != AlarmTransition::Raised {
            return false;
        }
        self.raised.push_back(change.at);
        while self.raised.len() > CHATTER_RAISED
            || self.raised.front().is_some_and(|first| change.at.ms_since(*first) > CHATTER_MS)
        {
            self.raised.pop_front();
        }
        let was = self.is_chattering;
        self.is_chattering = self.raised.len() >= CHATTER_RAISED;
        self.is_chattering && !was
    }
}

pub(super) fn name(unit: Option<&str>, alarm: &str) -> String {
    unit.map_or_else(|| alarm.to_owned(), |unit| format!("{unit}/{alarm}"))
}
