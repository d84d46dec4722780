//! What is known of an excursion beside its alarm's state: since when it calls, who acknowledged it, what people
//! said of it last. What was said of an excursion before is not said of this one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, Mono, Utc};
use cellwatch_record::{AlarmChange, Datum, Person, SavedAlarm};

use crate::evaluate::{AlarmPoint, Request, is_annunciation};

/// Name in the state record.
const REMARKS: &str = "remarks";
/// Bytes of remarks in a state record, about: the oldest beyond are not known after a restart; the trail has them.
const SAVED_BYTES_MAX: usize = 256 * 1024;
/// What a remark takes beside its words, bytes, about.
const REMARK_BYTES: usize = 100;

type Key = (Option<String>, String);
type Details = BTreeMap<String, Datum>;

/// What is known of the excursions of alarms: of one for each alarm, so that the alarms bound it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks(BTreeMap<Key, About>);

/// What is known of an excursion.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    occurrence: u32,
    /// When it last began to call; none where that is when it was raised.
    called: Option<Mono>,
    /// Who acknowledged it last.
    pub(crate) acknowledged: Option<Remembered>,
    /// What a person last did or said.
    pub(crate) said: Option<Remembered>,
}

/// What a person did or said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) person: Person,
    /// The word of the action.
    pub(crate) what: String,
    pub(crate) comment: String,
    pub(crate) at: Utc,
}

impl Remarks {
    /// An alarm changed, at this time of this start.
    pub(crate) fn changed(&mut self, unit: Option<&str>, change: &AlarmChange, at: Mono) {
        let key = key(unit, &change.alarm);
        match change.transition {
            AlarmTransition::Raised | AlarmTransition::Closed => {
                self.0.remove(&key);
            }
            AlarmTransition::Returned
            | AlarmTransition::Acknowledged
            | AlarmTransition::Reset
            | AlarmTransition::ReAlarmed
            | AlarmTransition::Shelved
            | AlarmTransition::Unshelved
            | AlarmTransition::Suppressed
            | AlarmTransition::Unsuppressed
            | AlarmTransition::OutOfService
            | AlarmTransition::ReturnedToService => {
                if is_annunciation(change) {
                    self.of(key, change.occurrence).called = Some(at);
                }
            }
        }
    }

    /// A person did or said something about this excursion.
    pub(crate) fn did(
        &mut self,
        unit: Option<&str>,
        alarm: &str,
        occurrence: u32,
        said: Remembered,
    ) {
        let about = self.of(key(unit, alarm), occurrence);
        if said.what == Request::Acknowledge.word() {
            about.acknowledged = Some(said.clone());
        }
        about.said = Some(said);
    }

    fn of(&mut self, key: Key, occurrence: u32) -> &mut About {
        let about = self.0.entry(key).or_default();
        if about.occurrence != occurrence {
            *about = About { occurrence, ..About::default() };
        }
        about
    }

    /// What is known of the excursion that an alarm is in.
    pub(crate) fn about(&self, unit: Option<&str>, alarm: &AlarmPoint) -> Option<&About> {
        let about = self.0.get(&key(unit, &alarm.id));
        about.filter(|about| about.occurrence == alarm.occurrence())
    }

    /// When an alarm last began to call.
    pub(crate) fn called(&self, unit: Option<&str>, alarm: &AlarmPoint) -> Mono {
        let called = self.about(unit, alarm).and_then(|about| about.called);
        called.unwrap_or_else(|| alarm.raised())
    }

    /// Who acknowledged the excursion of a saved alarm last.
    pub(crate) fn seen_by(&self, saved: &SavedAlarm) -> Option<Person> {
        let about = self.0.get(&key(saved.unit.as_deref(), &saved.alarm))?;
        let is_same = about.occurrence == saved.occurrence;
        Some(about.acknowledged.as_ref().filter(|_| is_same)?.person.clone())
    }

    /// For the state record: of these excursions, the latest words first.
    pub(crate) fn save(
        &self,
        details: &mut Details,
        keeps: impl Fn(Option<&str>, &str, u32) -> bool,
    ) {
        details.remove(REMARKS);
        let mut kept: Vec<(&Key, &About)> = self
            .0
            .iter()
            .filter(|((unit, alarm), about)| keeps(unit.as_deref(), alarm, about.occurrence))
            .collect();
        kept.sort_by_key(|(_, about)| {
            Reverse(about.said.as_ref().map_or(Utc(i64::MAX), |said| said.at))
        });
        let mut bytes = 0;
        let fits = |(_, about): &(&Key, &About)| {
            let words = [&about.acknowledged, &about.said].into_iter().flatten();
            bytes += words.map(|said| said.comment.len() + REMARK_BYTES).sum::<usize>();
            bytes <= SAVED_BYTES_MAX
        };
        let saved: Vec<Datum> = kept.into_iter().take_while(fits).map(saved).collect();
        if !saved.is_empty() {
            details.insert(REMARKS.to_owned(), Datum::List(saved));
        }
    }

    /// What was saved, in the times of this start.
    pub(crate) fn restored(details: &Details, here: impl Fn(Mono) -> Mono) -> Self {
        let Some(Datum::List(all)) = details.get(REMARKS) else { return Self::default() };
        let one = |one: &Datum| {
            let Datum::List(one) = one else { return None };
            let [
                Datum::Text(unit),
                Datum::Text(alarm),
                Datum::Integer(occurrence),
                called,
                acknowledged,
                said,
            ] = one.as_slice()
            else {
                return None;
            };
            let called = if let Datum::Integer(at) = called {
                Some(here(Mono(u64::try_from(*at).ok()?)))
            } else {
                None
            };
            let acknowledged = remembered(acknowledged);
            let said =
                if *said == Datum::Bool(true) { acknowledged.clone() } else { remembered(said) };
            let occurrence = u32::try_from(*occurrence).ok()?;
            let key = ((!unit.is_empty()).then(|| unit.clone()), alarm.clone());
            Some((key, About { occurrence, called, acknowledged, said }))
        };
        Self(all.iter().filter_map(one).collect())
    }
}

impl Remembered {
    /// What an alarm record says that a person did; none where no person did it.
    pub(crate) fn of_change(change: &AlarmChange, at: Utc) -> Option<Self> {
        let what = match change.transition {
            AlarmTransition::Acknowledged => Request::Acknowledge.word(),
            AlarmTransition::Reset => Request::Reset.word(),
            AlarmTransition::Shelved => Request::Shelve { one_shot: false, for_ms: 0 }.word(),
            AlarmTransition::Unshelved => Request::Unshelve.word(),
            AlarmTransition::OutOfService => Request::TakeOutOfService.word(),
            AlarmTransition::ReturnedToService => Request::ReturnToService.word(),
            AlarmTransition::Raised
            | AlarmTransition::Returned
            | AlarmTransition::ReAlarmed
            | AlarmTransition::Suppressed
            | AlarmTransition::Unsuppressed
            | AlarmTransition::Closed => return None,
        };
        let (person, comment) = (change.person.clone()?, change.comment.clone());
        Some(Self { person, what: what.to_owned(), comment: comment.unwrap_or_default(), at })
    }
}

fn key(unit: Option<&str>, alarm: &str) -> Key {
    (unit.map(str::to_owned), alarm.to_owned())
}

fn saved(((unit, alarm), about): (&Key, &About)) -> Datum {
    let About { occurrence, called, acknowledged, said } = about;
    let called = called
        .map_or(Datum::Bool(false), |at| Datum::Integer(i64::try_from(at.0).unwrap_or(i64::MAX)));
    let words = |one: &Remembered| {
        let Remembered { person, what, comment, at } = one;
        let words = [&person.name, &person.role, what, comment].map(|text| text.clone().into());
        Datum::List(words.into_iter().chain([Datum::Integer(at.0)]).collect())
    };
    let none = Datum::Bool(false);
    Datum::List(vec![
        unit.clone().unwrap_or_default().into(),
        alarm.clone().into(),
        u64::from(*occurrence).into(),
        called,
        acknowledged.as_ref().map_or(none.clone(), words),
        match said {
            // The acknowledgement was the last word: it stands there once.
            Some(_) if said == acknowledged => Datum::Bool(true),
            said => said.as_ref().map_or(none, words),
        },
    ])
}

fn remembered(saved: &Datum) -> Option<Remembered> {
    let Datum::List(parts) = saved else { return None };
    let [
        Datum::Text(name),
        Datum::Text(role),
        Datum::Text(what),
        Datum::Text(comment),
        Datum::Integer(at),
    ] = parts.as_slice()
    else {
        return None;
    };
    let person = Person { name: name.clone(), role: role.clone() };
    Some(Remembered { person, what: what.clone(), comment: comment.clone(), at: Utc(*at) })
}
