//! Stack lights and horns: shown from what stands, at once; waits for no disk and no network (LAW-06).

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Now, Priority, Utc};
use cellwatch_record::{AlarmChange, Datum, Person};

use super::Agent;
use crate::door::{AnnunciatorSetup, Output};
use crate::evaluate::{ANNUNCIATOR, AlarmPoint, is_annunciation};
use crate::serve::{AnnunciationView, Annunciator, Lit, NamedView, SilencedView, Standing, signal};

/// Names in the state record.
const SILENCED: &str = "silenced";
const SILENCED_BY: &str = "silenced_by";

/// The annunciators, and whether the horn was silenced.
#[derive(Debug, Default)]
pub(super) struct Annunciation {
    pub(super) annunciators: Vec<Annunciator>,
    /// A person has silenced the horn, and nothing called since.
    silenced: bool,
    /// Who did, and when.
    silenced_by: Option<(Person, Utc)>,
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
            self.silenced_by = None;
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
        let by = self.silenced_by.as_ref().map(|(person, at)| (person, *at));
        fold_silenced(details, self.silenced, by);
    }

    /// Takes what was saved.
    pub(super) fn restore(&mut self, details: &BTreeMap<String, Datum>) {
        self.silenced = details.contains_key(SILENCED);
        self.silenced_by = details.get(SILENCED_BY).and_then(silencer);
        self.is_news = true;
    }
}

/// A person silenced the horn, or an alarm called, after the state was saved.
pub(super) fn fold_silenced(
    details: &mut BTreeMap<String, Datum>,
    silenced: bool,
    by: Option<(&Person, Utc)>,
) {
    details.remove(SILENCED);
    details.remove(SILENCED_BY);
    if silenced {
        details.insert(SILENCED.to_owned(), Datum::Bool(true));
    }
    if let Some((person, at)) = by.filter(|_| silenced) {
        let (name, role) = (Datum::Text(person.name.clone()), Datum::Text(person.role.clone()));
        details.insert(SILENCED_BY.to_owned(), Datum::List(vec![name, role, Datum::Integer(at.0)]));
    }
}

fn silencer(saved: &Datum) -> Option<(Person, Utc)> {
    let Datum::List(parts) = saved else { return None };
    let [Datum::Text(name), Datum::Text(role), Datum::Integer(at)] = &parts[..] else {
        return None;
    };
    Some((Person { name: name.clone(), role: role.clone() }, Utc(*at)))
}

impl Agent {
    /// A person has heard the horn.
    pub(super) fn silence(&mut self, person: &Person, now: Now) -> Result<(), String> {
        if self.horns().next().is_none() {
            return Err("no [[annunciator]] of the site file has a horn".to_owned());
        }
        if !self.horns().any(|one| one.signal().horn != Lit::Off) {
            return Err("the horn is silent already".to_owned());
        }
        self.annunciation.silenced = true;
        self.annunciation.silenced_by = Some((person.clone(), now.utc));
        self.annunciation.is_news = true;
        Ok(())
    }

    fn horns(&self) -> impl Iterator<Item = &Annunciator> {
        self.annunciation.annunciators.iter().filter(|one| one.has_horn())
    }

    /// Lights and horns as people see them.
    pub(super) fn annunciation_view(&self, now: Mono) -> AnnunciationView {
        let silenced = self.annunciation.silenced;
        let calls = |one: &Annunciator| signal(self.standing_for(one, false)).horn != Lit::Off;
        let horn = if self.horns().next().is_none() {
            "none"
        } else if self.horns().any(|one| one.is_sounding_test(now)) {
            "tested"
        } else if !self.horns().any(calls) {
            "silent"
        } else if silenced {
            "silenced"
        } else {
            "sounding"
        };
        let by = self.annunciation.silenced_by.as_ref().filter(|_| horn == "silenced");
        AnnunciationView {
            horn,
            silenced: by.map(|(person, at)| SilencedView {
                by: NamedView { name: person.name.clone(), role: person.role.clone() },
                at_ms: at.0 / 1_000_000,
            }),
            lights: self.annunciation.annunciators.iter().map(|one| one.view(now)).collect(),
        }
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
