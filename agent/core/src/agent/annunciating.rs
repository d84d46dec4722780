//! Stack lights and horns: shown from what stands, at once; waits for no disk and no network (LAW-06).

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Now, Priority};
use cellwatch_record::{AlarmChange, Datum};

use super::Agent;
use crate::door::{AnnunciatorSetup, Output};
use crate::evaluate::{ANNUNCIATOR, AlarmPoint, is_annunciation};
use crate::serve::{Annunciator, Lit, Standing, signal};

/// Name in the state record.
const SILENCED: &str = "silenced";

/// The annunciators, and whether the horn was silenced.
#[derive(Debug, Default)]
pub(super) struct Annunciation {
    pub(super) annunciators: Vec<Annunciator>,
    /// A person has silenced the horn, and nothing called since.
    silenced: bool,
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
            self.silenced = false;
        }
    }

    /// Alarms are others than before although none changed: a Master File came into force.
    pub(super) fn look_again(&mut self) {
        self.is_news = true;
    }

    pub(super) fn next_deadline(&self, now: Mono) -> Option<Mono> {
        self.annunciators.iter().filter_map(|one| one.next_deadline(now)).min()
    }

    pub(super) fn save(&self, details: &mut BTreeMap<String, Datum>) {
        fold_silenced(details, self.silenced);
    }

    /// Takes what was saved.
    pub(super) fn restore(&mut self, details: &BTreeMap<String, Datum>) {
        self.silenced = details.contains_key(SILENCED);
        self.is_news = true;
    }
}

/// A person silenced the horn, or an alarm called, after the state was saved.
pub(super) fn fold_silenced(details: &mut BTreeMap<String, Datum>, silenced: bool) {
    if silenced {
        details.insert(SILENCED.to_owned(), Datum::Bool(true));
    } else {
        details.remove(SILENCED);
    }
}

impl Agent {
    /// A person has heard the horn.
    pub(super) fn silence(&mut self) -> Result<(), String> {
        let sounds = self.annunciation.annunciators.iter();
        if !sounds.map(Annunciator::signal).any(|signal| signal.horn != Lit::Off) {
            return Err("the horn is silent already".to_owned());
        }
        self.annunciation.silenced = true;
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
            let silenced = self.annunciation.silenced;
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
