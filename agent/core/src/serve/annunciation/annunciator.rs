//! One annunciator: what its coils should be, and what was written last.

use cellwatch_config::site::Lamp;
use cellwatch_model::Mono;

use super::{Lit, Signal};
use crate::serve::view::{LampView, LightView};

/// Half a period of flashing, milliseconds: one flash a second, far below the three that can harm (WCAG 2.2, 2.3.1).
pub(super) const HALF_PERIOD_MS: u64 = 500;
/// Coils are written this often although nothing changed, milliseconds: a module that lost power shows the truth again.
pub(super) const REFRESH_MS: u64 = 2_000;
/// After a write that failed, the next one comes after this, milliseconds.
pub(super) const RETRY_MS: u64 = 1_000;
/// At a start all lamps are lit for so long, without the horn, milliseconds.
pub(super) const LAMP_CHECK_MS: u64 = 2_000;
/// A test that a person asks for lasts so long, milliseconds.
pub(super) const TEST_MS: u64 = 5_000;

/// An annunciator.
#[derive(Clone, Debug)]
pub(crate) struct Annunciator {
    id: String,
    lamps: Vec<Lamp>,
    /// Units that it shows; all where it is empty.
    units: Vec<String>,
    signal: Signal,
    /// Until then everything is lit: with the horn or without.
    test: Option<(Mono, bool)>,
    began: Mono,
    written: Option<Vec<bool>>,
    is_open: bool,
    next_write: Mono,
    failing: Option<String>,
    /// A write has ended, well or not.
    was_tried: bool,
    ended: bool,
}

impl Annunciator {
    pub(crate) fn new(id: String, lamps: Vec<Lamp>, units: Vec<String>, now: Mono) -> Self {
        Self {
            id,
            lamps,
            units,
            signal: Signal::default(),
            test: Some((now.plus_ms(LAMP_CHECK_MS), false)),
            began: now,
            written: None,
            is_open: false,
            next_write: now,
            failing: None,
            was_tried: false,
            ended: false,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn shows(&self, unit: &str) -> bool {
        self.units.is_empty() || self.units.iter().any(|one| one == unit)
    }

    pub(crate) fn show(&mut self, signal: Signal) {
        self.signal = signal;
    }

    /// What it shows now, a test set aside.
    pub(crate) const fn signal(&self) -> Signal {
        self.signal
    }

    pub(crate) fn has_horn(&self) -> bool {
        self.lamps.contains(&Lamp::Horn)
    }

    /// Somebody wants to hear the horn.
    pub(crate) fn is_sounding_test(&self, now: Mono) -> bool {
        self.test.is_some_and(|(until, horn)| horn && until > now)
    }

    /// As people see it: what it should show, and whether it answers.
    pub(crate) fn view(&self, now: Mono) -> LightView {
        let shown = self.shown(now);
        let lamp = |lamp: &Lamp| LampView { lamp: lamp.word(), lit: shown.of(*lamp).word() };
        LightView {
            id: self.id.clone(),
            units: self.units.clone(),
            lamps: self.lamps.iter().map(lamp).collect(),
            answers: self.was_tried.then_some(self.failing.is_none()),
            trouble: self.failing.clone(),
            tested: self.test.is_some_and(|(until, _)| until > now),
        }
    }

    pub(crate) fn test(&mut self, now: Mono) {
        self.test = Some((now.plus_ms(TEST_MS), true));
    }

    /// Goes dark: a green light without an agent behind it would lie.
    pub(crate) fn end(&mut self, now: Mono) -> Vec<bool> {
        self.ended = true;
        self.coils(now)
    }

    /// Its id, and why the last write failed; none while it answers.
    pub(crate) fn trouble(&self) -> Option<(&str, &str)> {
        self.failing.as_deref().map(|why| (self.id.as_str(), why))
    }

    /// A write has ended.
    pub(crate) fn written(&mut self, outcome: Result<(), String>, now: Mono) {
        self.is_open = false;
        self.was_tried = true;
        if outcome.is_err() {
            self.written = None;
            self.next_write = now.plus_ms(RETRY_MS);
        }
        self.failing = outcome.err();
    }

    /// When [`Self::next`] has something new at the latest.
    pub(crate) fn next_deadline(&self, now: Mono) -> Option<Mono> {
        if self.is_open || self.ended {
            return None;
        }
        let flashes = self.written.is_some() && self.flashes(now);
        let turn = flashes.then(|| self.next_turn(now));
        let test = self.test.map(|(until, _)| until);
        [turn, test, Some(self.next_write)].into_iter().flatten().min()
    }

    /// The coils to write now, in the order of the lamps. One is open at a time; what changes meanwhile is written after it.
    pub(crate) fn next(&mut self, now: Mono) -> Option<Vec<bool>> {
        self.test = self.test.filter(|(until, _)| *until > now);
        if self.is_open || self.ended {
            return None;
        }
        let coils = self.coils(now);
        let is_news = self.written.as_ref().is_some_and(|written| *written != coils);
        if !is_news && self.next_write > now {
            return None;
        }
        self.next_write = now.plus_ms(REFRESH_MS);
        self.is_open = true;
        self.written = Some(coils.clone());
        Some(coils)
    }

    fn flashes(&self, now: Mono) -> bool {
        let shown = self.shown(now);
        self.lamps.iter().any(|lamp| shown.of(*lamp) == Lit::Flashing)
    }

    fn next_turn(&self, now: Mono) -> Mono {
        let halves = now.ms_since(self.began) / HALF_PERIOD_MS + 1;
        self.began.plus_ms(halves * HALF_PERIOD_MS)
    }

    fn shown(&self, now: Mono) -> Signal {
        match self.test {
            _ if self.ended => Signal::default(),
            Some((until, horn)) if until > now => Signal::test(horn),
            Some(_) | None => self.signal,
        }
    }

    fn coils(&self, now: Mono) -> Vec<bool> {
        let bright = (now.ms_since(self.began) / HALF_PERIOD_MS).is_multiple_of(2);
        let shown = self.shown(now);
        let coil = |lamp: &Lamp| match shown.of(*lamp) {
            Lit::Off => false,
            Lit::On => true,
            Lit::Flashing => bright,
        };
        self.lamps.iter().map(coil).collect()
    }
}
