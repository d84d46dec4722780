//! Stack lights and horns: shown from what stands, at once; waits for no disk and no network (LAW-06).

use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, Mono, Now, Priority};
use cellwatch_record::{AlarmChange, Datum, Person};

use super::Agent;
use crate::door::{AnnunciatorSetup, Output};
use crate::evaluate::{ANNUNCIATOR, AlarmPoint, is_annunciation};
use crate::serve::{
    AlarmKey, AnnunciationView, Annunciator, Lit, NamedView, SILENCE_MS, Silenced, SilencedView,
    Silences, Standing, signal, utc_ms,
};

/// The annunciators, and which horns were silenced.
#[derive(Debug, Default)]
pub(super) struct Annunciation {
    pub(super) annunciators: Vec<Annunciator>,
    silences: Silences,
    /// When the first horn that was silenced sounds again.
    sounds_again: Option<Mono>,
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
    pub(super) fn changed(&mut self, unit: Option<&str>, change: &AlarmChange) {
        self.is_news = true;
        if is_annunciation(change) || change.transition == AlarmTransition::Closed {
            self.silences.called(unit, &change.alarm);
        }
    }

    /// Alarms are others than before although none changed: a Master File came into force.
    pub(super) fn look_again(&mut self) {
        self.is_news = true;
    }

    pub(super) fn next_deadline(&self, now: Mono) -> Option<Mono> {
        let lights = self.annunciators.iter().filter_map(|one| one.next_deadline(now));
        lights.chain(self.sounds_again).min()
    }

    pub(super) fn save(&self, details: &mut BTreeMap<String, Datum>) {
        self.silences.save(details);
    }

    /// Takes what was saved.
    pub(super) fn restore(&mut self, details: &BTreeMap<String, Datum>) {
        let saved = Silences::restored(details, |at| at, std::iter::empty());
        self.silences = saved.of_each(self.annunciators.iter().map(Annunciator::id));
        self.is_news = true;
    }
}

impl Agent {
    /// A person has heard the horn of an annunciator, or every horn that sounds.
    pub(super) fn silence(
        &mut self,
        annunciator: Option<&str>,
        person: &Person,
        now: Now,
    ) -> Result<(), String> {
        if self.horns().next().is_none() {
            return Err("no [[annunciator]] of the site file has a horn".to_owned());
        }
        if let Some(id) = annunciator.filter(|id| self.horns().all(|one| one.id() != *id)) {
            let known: Vec<&str> = self.horns().map(Annunciator::id).collect();
            let known = known.join(", ");
            return Err(format!("there is no horn {id}; there are: {known}"));
        }
        let sounding: Vec<(String, Vec<AlarmKey>)> = self
            .sounding(annunciator)
            .map(|one| {
                let calling = self.shown_by(one).filter(|(_, alarm)| !alarm.is_acknowledged());
                let key = |(unit, alarm): (Option<&str>, &AlarmPoint)| {
                    (unit.map(str::to_owned), alarm.id.clone())
                };
                (one.id().to_owned(), calling.map(key).collect())
            })
            .collect();
        if sounding.is_empty() {
            return Err("the horn is silent already".to_owned());
        }
        for (id, calling) in sounding {
            self.annunciation.silences.begin(&id, person, (now.utc, now.mono), calling);
        }
        self.annunciation.is_news = true;
        Ok(())
    }

    fn horns(&self) -> impl Iterator<Item = &Annunciator> {
        self.annunciation.annunciators.iter().filter(|one| one.has_horn())
    }

    /// The annunciators whose horn sounds, or this one if it does.
    pub(super) fn sounding(&self, only: Option<&str>) -> impl Iterator<Item = &Annunciator> {
        let meant = self.horns().filter(move |one| only.is_none_or(|id| one.id() == id));
        meant.filter(|one| one.signal().horn != Lit::Off)
    }

    /// Lights and horns as people see them.
    pub(super) fn annunciation_view(&self, now: Now) -> AnnunciationView {
        let lights = &self.annunciation;
        let calls = |one: &&Annunciator| {
            let standing = self.standing_for(one);
            let loud = Standing { audible: standing.unacknowledged, ..standing };
            signal(loud).horn != Lit::Off
        };
        let horn = if self.horns().next().is_none() {
            "none"
        } else if self.horns().any(|one| one.is_sounding_test(now.mono)) {
            "tested"
        } else if self.horns().any(|one| signal(self.standing_for(one)).horn != Lit::Off) {
            "sounding"
        } else if self.horns().any(|one| calls(&one)) {
            "silenced"
        } else {
            "silent"
        };
        let silences = self.horns().filter(calls).filter_map(|one| lights.silences.of(one.id()));
        let last = silences.max_by_key(|silence| silence.at).filter(|_| horn == "silenced");
        AnnunciationView {
            horn,
            silenced: last.map(|silence| SilencedView {
                by: NamedView { name: silence.by.name.clone(), role: silence.by.role.clone() },
                at_ms: silence.at.0 / 1_000_000,
                until_ms: lights.sounds_again.map(|at| utc_ms(at, now)),
            }),
            lights: lights.annunciators.iter().map(|one| one.view(now.mono)).collect(),
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
        if self.annunciation.sounds_again.is_some_and(|due| due <= now) {
            self.annunciation.is_news = true;
            self.viewing.has_changed();
        }
        if std::mem::take(&mut self.annunciation.is_news) {
            let mut silences = std::mem::take(&mut self.annunciation.silences);
            let next = silences
                .settle(now, |annunciator, key, since| self.silenced(annunciator, key, since));
            self.annunciation.silences = silences;
            self.annunciation.sounds_again = next;
            for index in 0..self.annunciation.annunciators.len() {
                let standing = self.standing_for(&self.annunciation.annunciators[index]);
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

    /// How an alarm stands of which a horn was silenced then.
    fn silenced(&self, annunciator: &str, (unit, id): &AlarmKey, since: Mono) -> Silenced {
        let unit = unit.as_deref();
        // A state of before a restart names the alarms of every room.
        let is_shown =
            |unit: &str| self.horns().any(|one| one.id() == annunciator && one.shows(unit));
        if unit.is_some_and(|unit| !is_shown(unit)) {
            return Silenced::Over;
        }
        let Some(alarm) = self.alarm(unit, id) else { return Silenced::Unknown };
        let is_heard = alarm.priority != Priority::Low;
        if !alarm.is_standing() || alarm.is_acknowledged() || !is_heard {
            return Silenced::Over;
        }
        let file = unit.and_then(|unit| self.units.iter().find(|one| one.id == unit)?.file());
        let rule = file.and_then(|file| file.alarms.iter().find(|one| one.id == *id));
        let respond_ms = rule.map_or(SILENCE_MS, |rule| rule.time_to_respond_s * 1000);
        let respond_by = self.remarks.called(unit, alarm).plus_ms(respond_ms);
        // Who silences what is late already has as long again.
        let until = if respond_by > since { respond_by } else { since.plus_ms(respond_ms) };
        Silenced::Until(until)
    }

    /// The alarms that an annunciator shows: those that stand in its units, and the agent's own.
    fn shown_by(
        &self,
        annunciator: &Annunciator,
    ) -> impl Iterator<Item = (Option<&str>, &AlarmPoint)> {
        let units = self.units.iter().filter(|unit| annunciator.shows(&unit.id));
        let of_units =
            units.flat_map(|unit| unit.standing().map(|alarm| (Some(unit.id.as_str()), alarm)));
        of_units.chain(self.alarms.standing().map(|alarm| (None, alarm)))
    }

    fn standing_for(&self, annunciator: &Annunciator) -> Standing {
        let silences = &self.annunciation.silences;
        let mut standing = Standing::default();
        for (unit, alarm) in self.shown_by(annunciator) {
            if alarm.is_acknowledged() {
                standing.acknowledged = more_urgent(standing.acknowledged, alarm);
                continue;
            }
            standing.unacknowledged = more_urgent(standing.unacknowledged, alarm);
            if !silences.holds(annunciator.id(), unit, &alarm.id) {
                standing.audible = more_urgent(standing.audible, alarm);
            }
        }
        standing.own_trouble = self.alarms.standing().any(AlarmPoint::is_active);
        standing
    }
}

fn more_urgent(before: Option<Priority>, alarm: &AlarmPoint) -> Option<Priority> {
    Some(before.map_or(alarm.priority, |before| before.min(alarm.priority)))
}
