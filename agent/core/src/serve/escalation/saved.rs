//! What is kept for a restart: in state records, and in the records of messages after them.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Priority, Utc};
use cellwatch_record::{Datum, Event, EventKind};

use super::queue::Waiting;
use super::{Escalation, Item, Notification, Said, Stage};
use crate::journal::Said as Record;

/// Names in the state record.
const TOLD: &str = "told";
const QUEUED: &str = "queued";
const LAST_ID: &str = "last_message";

/// Name in the record of a message: of which alarms it tells without listing them.
const NOT_LISTED: &str = "not_listed";

type Details = BTreeMap<String, Datum>;

impl Said {
    /// As it stands on record; none for an attempt, whose outcome is.
    pub(crate) fn event(&self, at: Mono) -> Option<Record> {
        let (what, message, reason) = match self {
            Self::Attempt(_) => return None,
            Self::Queued(message, _) => ("queued", message, None),
            Self::Sent(message) => ("sent", message, None),
            Self::Failed(message, reason) => ("failed", message, Some(reason)),
            Self::GivenUp(message, reason) => ("given-up", message, Some(reason)),
        };
        let Notification { id, route, items, attempt, .. } = message;
        let about = match items.as_slice() {
            [] => "a test".to_owned(),
            [one] => format!("{} {}", one.name, one.alarm),
            [one, more @ ..] => format!("{} {} and {} more", one.name, one.alarm, more.len()),
        };
        let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let text = format!("message {id} to {route} about {about} {what}{because}");
        let mut said = Record::new(EventKind::Notification, at, text)
            .with("what", what)
            .with("id", *id)
            .with("route", route.clone())
            .with("attempt", u64::from(*attempt));
        if let Some(reason) = reason {
            said = said.with("reason", reason.clone());
        }
        if let Self::Queued(message, left_out) = self {
            said = said.with("message", Datum::List(message_data(message)));
            if !left_out.is_empty() {
                let told = left_out.iter().map(|item| told_of(item, &message.route));
                said = said.with(NOT_LISTED, Datum::List(told.collect()));
            }
        }
        Some(said)
    }
}

impl Escalation {
    /// For the state record.
    pub(crate) fn save(&self, details: &mut Details) {
        let told = self.calls.told.iter().flat_map(|((unit, alarm), told)| {
            told.iter().map(move |(occurrence, route, stage)| {
                told_data(unit.as_deref(), alarm, *occurrence, route, *stage)
            })
        });
        let told: Vec<Datum> = told.collect();
        let queued = self.queue.waiting.iter();
        let queued: Vec<Datum> =
            queued.map(|one| Datum::List(message_data(&one.message))).collect();
        for (name, list) in [(TOLD, told), (QUEUED, queued)] {
            if !list.is_empty() {
                details.insert(name.to_owned(), Datum::List(list));
            }
        }
        if self.last_id > 0 {
            details.insert(LAST_ID.to_owned(), self.last_id.into());
        }
    }

    /// Takes what was saved; messages that wait are tried at once.
    pub(crate) fn restore(&mut self, details: &Details, now: Mono) {
        for one in list(details, TOLD) {
            let Datum::List(one) = one else { continue };
            let [unit, alarm, occurrence, route, stage] = one.as_slice() else { continue };
            let told = (|| {
                let key = (unit_of(text(unit)?), text(alarm)?);
                let occurrence = u32::try_from(number(occurrence)?).ok()?;
                Some((key, (occurrence, text(route)?, Stage::from_code(number(stage)?)?)))
            })();
            if let Some((key, told)) = told {
                self.calls.told.entry(key).or_default().insert(told);
            }
        }
        for one in list(details, QUEUED) {
            let Datum::List(one) = one else { continue };
            if let Some(message) = message(one) {
                self.queue.waiting.push_back(Waiting { message, made: now, next: Some(now) });
            }
        }
        self.last_id = details.get(LAST_ID).and_then(number).map_or(0, i64::unsigned_abs);
    }
}

/// A record of a message after the state was saved.
pub(crate) fn fold(details: &mut Details, event: &Event) {
    let Some(id) = event.details.get("id").and_then(number) else { return };
    details.insert(LAST_ID.to_owned(), Datum::Integer(id.max(saved_last(details))));
    let what = event.details.get("what").and_then(text).unwrap_or_default();
    let mut queued = list(details, QUEUED).to_vec();
    let is_it = |one: &Datum| items(one).and_then(<[Datum]>::first).and_then(number) == Some(id);
    match (what.as_str(), event.details.get("message")) {
        ("queued", Some(Datum::List(data))) => {
            queued.push(Datum::List(data.clone()));
            let mut told = list(details, TOLD).to_vec();
            if let Some(message) = message(data) {
                told.extend(message.items.iter().map(|item| told_of(item, &message.route)));
            }
            told.extend_from_slice(list(&event.details, NOT_LISTED));
            details.insert(TOLD.to_owned(), Datum::List(told));
        }
        ("sent" | "given-up", _) => queued.retain(|one| !is_it(one)),
        _ => {}
    }
    details.insert(QUEUED.to_owned(), Datum::List(queued));
}

/// An alarm called anew after the state was saved: what was told of it before no longer counts.
pub(crate) fn fold_called(details: &mut Details, unit: Option<&str>, alarm: &str) {
    if let Some(Datum::List(told)) = details.get_mut(TOLD) {
        told.retain(|one| {
            let of = |at: usize| items(one).and_then(|one| one.get(at)).and_then(text);
            of(0).as_deref() != Some(unit.unwrap_or_default()) || of(1).as_deref() != Some(alarm)
        });
    }
}

fn told_of(item: &Item, route: &str) -> Datum {
    let Item { unit, alarm, occurrence, stage, .. } = item;
    told_data(unit.as_deref(), alarm, *occurrence, route, *stage)
}

/// That a route was told of an alarm.
fn told_data(unit: Option<&str>, alarm: &str, occurrence: u32, route: &str, stage: Stage) -> Datum {
    Datum::List(vec![
        unit.unwrap_or_default().into(),
        alarm.into(),
        u64::from(occurrence).into(),
        route.into(),
        stage.code().into(),
    ])
}

fn saved_last(details: &Details) -> i64 {
    details.get(LAST_ID).and_then(number).unwrap_or_default()
}

fn list<'a>(details: &'a Details, name: &str) -> &'a [Datum] {
    details.get(name).and_then(items).unwrap_or_default()
}

fn items(datum: &Datum) -> Option<&[Datum]> {
    if let Datum::List(list) = datum { Some(list) } else { None }
}

fn text(datum: &Datum) -> Option<String> {
    if let Datum::Text(text) = datum { Some(text.clone()) } else { None }
}

fn number(datum: &Datum) -> Option<i64> {
    if let Datum::Integer(number) = datum { Some(*number) } else { None }
}

fn unit_of(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn message_data(message: &Notification) -> Vec<Datum> {
    let Notification { id, route, to, items, left_out, attempt: _ } = message;
    let to = to.iter().map(|one| one.clone().into()).collect();
    let items = items.iter().map(|item| Datum::List(item_data(item))).collect();
    vec![
        (*id).into(),
        route.clone().into(),
        Datum::List(to),
        (*left_out).into(),
        Datum::List(items),
    ]
}

fn message(data: &[Datum]) -> Option<Notification> {
    let [id, route, Datum::List(to), left_out, Datum::List(items)] = data else { return None };
    let item = |datum: &Datum| self::items(datum).and_then(self::item);
    Some(Notification {
        id: u64::try_from(number(id)?).ok()?,
        route: text(route)?,
        to: to.iter().map(text).collect::<Option<_>>()?,
        items: items.iter().map(item).collect::<Option<_>>()?,
        left_out: u64::try_from(number(left_out)?).ok()?,
        attempt: 0,
    })
}

fn item_data(item: &Item) -> Vec<Datum> {
    let optional = |number: Option<f64>| number.map_or(Datum::Bool(false), Datum::Number);
    vec![
        item.unit.clone().unwrap_or_default().into(),
        item.name.clone().into(),
        item.alarm.clone().into(),
        u64::from(item.occurrence).into(),
        item.stage.code().into(),
        item.source.clone().into(),
        item.priority.word().into(),
        optional(item.value),
        optional(item.limit),
        item.unit_of_measure.clone().into(),
        item.since.0.into(),
        item.respond_by.map_or(Datum::Bool(false), |at| at.0.into()),
        item.response.clone().into(),
    ]
}

fn item(data: &[Datum]) -> Option<Item> {
    let [
        unit,
        name,
        alarm,
        occurrence,
        stage,
        source,
        priority,
        value,
        limit,
        unit_of_measure,
        since,
        respond_by,
        response,
    ] = data
    else {
        return None;
    };
    let optional =
        |datum: &Datum| if let Datum::Number(number) = datum { Some(*number) } else { None };
    let priority = text(priority)?;
    Some(Item {
        unit: unit_of(text(unit)?),
        name: text(name)?,
        alarm: text(alarm)?,
        occurrence: u32::try_from(number(occurrence)?).ok()?,
        stage: Stage::from_code(number(stage)?)?,
        source: text(source)?,
        priority: Priority::ALL.iter().copied().find(|one| one.word() == priority)?,
        value: optional(value),
        limit: optional(limit),
        unit_of_measure: text(unit_of_measure)?,
        since: Utc(number(since)?),
        respond_by: number(respond_by).map(Utc),
        response: text(response)?,
    })
}
