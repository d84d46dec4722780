//! Stack lights and horns: shown from what stands, at once; waits for no disk and no network (LAW-06).

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Now, Priority};
use cellwatch_record::{AlarmChange, Datum};

use super::Agent;
use crate::door::{AnnunciatorSetup, Output};
use crate::evaluate::{ANNUNCIATOR, AlarmPoint, is_annunciation};
use crate::serve::{Annunciator, Lit, Standing, signal};

/// Names in the state record.
const CALLED: &str = "called_mono_ns";
const SILENCED: &str = "silenced_mono_ns";

/// The annunciators, and whether the horn was silenced.
#[derive(Debug, Default)]
pub(super) struct Annunciation {
    pub(super) annunciators: Vec<Annunciator>,
    /// When an alarm last called.
    pub(super) called: Option<Mono>,
    /// When a person last silenced the horn.
    pub(super) silenced: Option<Mono>,
    /// What stands may be something else than what is shown.
    is_news: bool,
}

impl Annunciation {
    pub(super) fn new(setup: &[AnnunciatorSetup], now: Mono) -> Self {
        let one = |one: &AnnunciatorSetup| {
            Annunciator::new(one.id.clone(), one.lamps.clone(), one.units.clone(), now)
        };
        let annunciators = setup.iter().map(one).collect();
        Self { annunciators, is_news: true, ..Self::default() }
    }

    /// An alarm changed.
    pub(super) fn changed(&mut self, change: &AlarmChange) {
        self.is_news = true;
        if is_annunciation(change) {
            self.called = self.called.max(Some(change.at));
        }
    }

    /// Alarms are others than before although none changed: a Master File came into force.
    pub(super) fn look_again(&mut self) {
        self.is_news = true;
    }

    /// True while nothing called since a person silenced the horn.
    pub(super) fn is_silenced(&self) -> bool {
        self.silenced.is_some_and(|silenced| self.called.is_none_or(|called| called <= silenced))
    }

    pub(super) fn next_deadline(&self, now: Mono) -> Option<Mono> {
        self.annunciators.iter().filter_map(|one| one.next_deadline(now)).min()
    }

    pub(super) fn save(&self, details: &mut BTreeMap<String, Datum>) {
        for (name, at) in [(CALLED, self.called), (SILENCED, self.silenced)] {
            if let Some(at) = at {
                details.insert(name.to_owned(), at.0.into());
            }
        }
    }

    /// Takes what was saved, in the times of this start.
    pub(super) fn restore(&mut self, details: &BTreeMap<String, Datum>) {
        let time = |name: &str| match details.get(name) {
            Some(Datum::Integer(ns)) => u64::try_from(*ns).ok().map(Mono),
            Some(_) | None => None,
        };
        self.called = time(CALLED);
        self.silenced = time(SILENCED);
        self.is_news = true;
    }
}

/// Moves the times in what was saved into those of this start.
pub(super) fn moved(
    details: &BTreeMap<String, Datum>,
    here: impl Fn(Mono) -> Mono,
) -> BTreeMap<String, Datum> {
    let mut details = details.clone();
    for name in [CALLED, SILENCED] {
        if let Some(Datum::Integer(ns)) = details.get_mut(name) {
            let at = here(Mono(u64::try_from(*ns).unwrap_or_default()));
            *ns = i64::try_from(at.0).unwrap_or(i64::MAX);
        }
    }
    details
}

/// An alarm called, or a person silenced the horn, after the state was saved.
pub(super) fn fold_called(details: &mut BTreeMap<String, Datum>, at: Mono) {
    details.insert(CALLED.to_owned(), at.0.into());
}

/// As [`fold_called`], for the horn.
pub(super) fn fold_silenced(details: &mut BTreeMap<String, Datum>, at: Mono) {
    details.insert(SILENCED.to_owned(), at.0.into());
}

impl Agent {
    /// A person has heard the horn.
    pub(super) fn silence(&mut self, now: Mono) -> Result<(), String> {
        let sounds = self.annunciation.annunciators.iter();
        if !sounds.map(Annunciator::signal).any(|signal| signal.horn != Lit::Off) {
            return Err("the horn is silent already".to_owned());
        }
        self.annunciation.silenced = Some(now.floor_ms());
        self.annunciation.is_news = true;
        Ok(())
    }

    /// A person wants to see and hear whether it works.
    pub(super) fn test_annunciators(&mut self, now: Mono) -> Result<(), String> {
        if self.annunciation.annunciators.is_empty() {
            return Err("the site file has no [[annunciator]]".to_owned());
        }
        for annunciator in &mut self.annunciation.annunciators {
            annunciator.test(now);
        }
        Ok(())
    }

    /// A write to an annunciator has ended.
    pub(super) fn annunciated(
        &mut self,
        annunciator: usize,
        outcome: Result<(), String>,
        now: Now,
    ) {
        let Some(one) = self.annunciation.annunciators.get_mut(annunciator) else { return };
        one.written(outcome, now.mono);
        let lost: Vec<String> = self
            .annunciation
            .annunciators
            .iter()
            .filter_map(|one| one.trouble().map(|(id, why)| format!("{id}: {why}")))
            .collect();
        let note = (!lost.is_empty()).then(|| lost.join("; "));
        self.condition(ANNUNCIATOR, note.is_some(), note, now);
    }

    /// Hands out the writes that are due.
    pub(super) fn annunciate(&mut self, now: Mono) {
        if std::mem::take(&mut self.annunciation.is_news) {
            let silenced = self.annunciation.is_silenced();
            for index in 0..self.annunciation.annunciators.len() {
                let standing = self.standing_for(&self.annunciation.annunciators[index], silenced);
                self.annunciation.annunciators[index].show(signal(standing));
            }
        }
        for (annunciator, one) in self.annunciation.annunciators.iter_mut().enumerate() {
            if let Some(coils) = one.next(now) {
                self.outputs.push_back(Output::Annunciate { annunciator, coils });
            }
        }
    }

    /// The agent ends: nothing is lit any more.
    pub(super) fn darken(&mut self, now: Mono) {
        for (annunciator, one) in self.annunciation.annunciators.iter_mut().enumerate() {
            let coils = one.end(now);
            self.outputs.push_back(Output::Annunciate { annunciator, coils });
        }
    }

    fn standing_for(&self, annunciator: &Annunciator, silenced: bool) -> Standing {
        let units = self.units.iter().filter(|unit| annunciator.shows(&unit.id));
        let of_units = units.flat_map(|unit| unit.standing());
        let mut standing = Standing { silenced, ..Standing::default() };
        for alarm in of_units.chain(self.alarms.standing()) {
            let priority = if alarm.is_acknowledged() {
                &mut standing.acknowledged
            } else {
                &mut standing.unacknowledged
            };
            *priority = more_urgent(*priority, alarm);
        }
        standing.own_trouble = self.alarms.standing().any(AlarmPoint::is_active);
        standing
    }
}

fn more_urgent(before: Option<Priority>, alarm: &AlarmPoint) -> Option<Priority> {
    Some(before.map_or(alarm.priority, |before| before.min(alarm.priority)))
}
