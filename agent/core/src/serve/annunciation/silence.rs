//! Which horn is silent of which alarms, who said so, and until when.
//!
//! A press holds for the alarms that call at that moment at that annunciator, and no longer than a person has to
//! respond to each of them: what calls anew sounds, and so does what nobody has acknowledged in time.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Datum, Person};

/// An alarm: unit, none for the agent's own, and id.
pub(crate) type AlarmKey = (Option<String>, String);
type Details = BTreeMap<String, Datum>;

/// An alarm for which no Master File says how long a person has to respond is silent for so long, milliseconds.
pub(crate) const SILENCE_MS: u64 = 600_000;
/// Stands for every annunciator in records of before annunciators were named.
pub(crate) const EVERY: &str = "*";

/// Name in the state record.
const SILENCES: &str = "silences";
/// Names of before annunciators were silenced one by one.
const SILENCED: &str = "silenced";
const SILENCED_BY: &str = "silenced_by";

/// A horn that a person has silenced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    pub(crate) by: Person,
    pub(crate) at: Utc,
    pub(crate) since: Mono,
    alarms: BTreeSet<AlarmKey>,
}

/// How a silenced alarm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silenced {
    /// Nobody knows it now: it waits for its Master File.
    Unknown,
    /// It no longer calls, or no horn sounds for it.
    Over,
    /// It calls, and is silent until then.
    Until(Mono),
}

/// All horns that are silenced, by their annunciator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Silences(BTreeMap<String, Silence>);

impl Silences {
    /// A person silences a horn.
    pub(crate) fn begin(
        &mut self,
        annunciator: &str,
        by: &Person,
        (at, since): (Utc, Mono),
        alarms: impl IntoIterator<Item = AlarmKey>,
    ) {
        let alarms = alarms.into_iter().collect();
        let silence = Silence { by: by.clone(), at, since, alarms };
        self.0.insert(annunciator.to_owned(), silence);
    }

    /// It called anew, or was closed: nothing keeps it silent any more.
    pub(crate) fn called(&mut self, unit: Option<&str>, alarm: &str) {
        let key = (unit.map(str::to_owned), alarm.to_owned());
        for silence in self.0.values_mut() {
            silence.alarms.remove(&key);
        }
        self.0.retain(|_, silence| !silence.alarms.is_empty());
    }

    /// True while the horn of this annunciator is silent of this alarm.
    pub(crate) fn holds(&self, annunciator: &str, unit: Option<&str>, alarm: &str) -> bool {
        self.of(annunciator).is_some_and(|silence| {
            silence.alarms.contains(&(unit.map(str::to_owned), alarm.to_owned()))
        })
    }

    pub(crate) fn of(&self, annunciator: &str) -> Option<&Silence> {
        self.0.get(annunciator)
    }

    /// Ends what is over at `now`, and says when the next is; `stands` is asked of each alarm with its annunciator and the time of
    /// the press.
    pub(crate) fn settle(
        &mut self,
        now: Mono,
        stands: impl Fn(&str, &AlarmKey, Mono) -> Silenced,
    ) -> Option<Mono> {
        let mut next: Option<Mono> = None;
        for (annunciator, silence) in &mut self.0 {
            let since = silence.since;
            silence.alarms.retain(|key| match stands(annunciator, key, since) {
                Silenced::Unknown => true,
                Silenced::Until(until) if until > now => {
                    next = Some(next.map_or(until, |next| next.min(until)));
                    true
                }
                Silenced::Over | Silenced::Until(_) => false,
            });
        }
        self.0.retain(|_, silence| !silence.alarms.is_empty());
        next
    }

    /// What a record says of every annunciator is said of each of these.
    pub(crate) fn of_each<'a>(mut self, annunciators: impl Iterator<Item = &'a str>) -> Self {
        if let Some(every) = self.0.remove(EVERY) {
            for id in annunciators {
                self.0.entry(id.to_owned()).or_insert_with(|| every.clone());
            }
        }
        self
    }

    /// For the state record.
    pub(crate) fn save(&self, details: &mut Details) {
        details.remove(SILENCED);
        details.remove(SILENCED_BY);
        details.remove(SILENCES);
        let one = |(annunciator, one): (&String, &Silence)| {
            let alarms = one.alarms.iter().flat_map(|(unit, alarm)| {
                [Datum::Text(unit.clone().unwrap_or_default()), Datum::Text(alarm.clone())]
            });
            Datum::List(vec![
                Datum::Text(annunciator.clone()),
                Datum::Text(one.by.name.clone()),
                Datum::Text(one.by.role.clone()),
                Datum::Integer(one.at.0),
                Datum::Integer(i64::try_from(one.since.0).unwrap_or(i64::MAX)),
                Datum::List(alarms.collect()),
            ])
        };
        let all: Vec<Datum> = self.0.iter().map(one).collect();
        if !all.is_empty() {
            details.insert(SILENCES.to_owned(), Datum::List(all));
        }
    }

    /// What was saved, in the times of this start; `standing` are the alarms that stood then.
    pub(crate) fn restored(
        details: &Details,
        here: impl Fn(Mono) -> Mono,
        standing: impl Iterator<Item = AlarmKey>,
    ) -> Self {
        let mut silences = Self::default();
        if details.contains_key(SILENCED) {
            let by = details.get(SILENCED_BY).and_then(silencer);
            let (by, at) = by.unwrap_or_else(|| (nobody(), Utc(0)));
            // Since when in monotonic time is not known: each is silent until a person should have answered it.
            silences.begin(EVERY, &by, (at, here(Mono::default())), standing);
        }
        let Some(Datum::List(all)) = details.get(SILENCES) else { return silences };
        for one in all {
            let Datum::List(one) = one else { continue };
            let [
                Datum::Text(annunciator),
                Datum::Text(name),
                Datum::Text(role),
                Datum::Integer(at),
                Datum::Integer(since),
                Datum::List(alarms),
            ] = one.as_slice()
            else {
                continue;
            };
            let by = Person { name: name.clone(), role: role.clone() };
            let since = here(Mono(u64::try_from(*since).unwrap_or_default()));
            let alarms = alarms.chunks_exact(2).filter_map(|pair| match pair {
                [Datum::Text(unit), Datum::Text(alarm)] => {
                    Some(((!unit.is_empty()).then(|| unit.clone()), alarm.clone()))
                }
                _ => None,
            });
            silences.begin(annunciator, &by, (Utc(*at), since), alarms);
        }
        silences
    }
}

fn nobody() -> Person {
    Person { name: String::new(), role: String::new() }
}

fn silencer(saved: &Datum) -> Option<(Person, Utc)> {
    let Datum::List(parts) = saved else { return None };
    let [Datum::Text(name), Datum::Text(role), Datum::Integer(at)] = &parts[..] else {
        return None;
    };
    Some((Person { name: name.clone(), role: role.clone() }, Utc(*at)))
}
