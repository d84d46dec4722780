//! The tables of an export: one line for each thing that people look for.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Value};
use cellwatch_record::{
    Action, AlarmChange, Batch, Body, Column, Common, Datum, Deviation, EnteredResult, Event,
    EventKind, Frame, Person, Record,
};

use crate::csv::Cell;
use crate::json::{details_to_json, seal_to_json, time, wall_time};

/// Tables, with the name of their file and their columns beside the common ones.
pub(crate) const TABLES: [(&str, &[&str]); 7] = [
    ("actions.csv", &["person", "role", "what", "target", "reason", "old", "new", "refusal"]),
    (
        "alarms.csv",
        &[
            "at_utc",
            "at_mono_ns",
            "alarm",
            "source",
            "kind",
            "transition",
            "state",
            "priority",
            "occurrence",
            "value",
            "limit",
            "quality",
            "person",
            "role",
            "comment",
            "shelved_until",
        ],
    ),
    ("batches.csv", &["at_utc", "at_mono_ns", "of_batch", "change", "from", "to", "seal"]),
    (
        "deviations.csv",
        &[
            "at_utc",
            "at_mono_ns",
            "id",
            "change",
            "rules",
            "alarm",
            "occurrence",
            "source",
            "since_utc",
            "until_utc",
            "limit",
            "lowest",
            "highest",
            "area",
            "acknowledgements",
        ],
    ),
    ("events.csv", &["at_utc", "at_mono_ns", "event", "text", "details"]),
    (
        "readings.csv",
        &[
            "at_utc",
            "at_mono_ns",
            "parameter_index",
            "parameter",
            "unit_of_measure",
            "device",
            "value",
            "quality",
            "raw_words",
        ],
    ),
    (
        "results.csv",
        &[
            "at_utc",
            "at_mono_ns",
            "id",
            "parameter",
            "value",
            "unit_of_measure",
            "counts",
            "sampled_utc",
            "entered_by",
            "entered_role",
            "confirmed_by",
            "confirmed_role",
            "corrected_from",
            "reason",
        ],
    ),
];

/// Columns that begin each line.
pub(crate) const COMMON: [&str; 14] = [
    "part",
    "agent",
    "journal",
    "seq",
    "record_utc",
    "boot",
    "clock",
    "clock_error_us",
    "clock_offset_us",
    "master_file",
    "unit",
    "batch",
    "phase",
    "payload_sha256",
];

/// What configuration events said of a unit's parameters: name, unit of measure, device.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<(String, i64), (String, String, String)>);

impl Names {
    pub(crate) fn learn(&mut self, record: &Record) {
        let Body::Event(Event { kind: EventKind::Configuration, details, .. }) = &record.body
        else {
            return;
        };
        let (Some(unit), Some(Datum::List(parameters))) =
            (&record.common.unit, details.get("parameters"))
        else {
            return;
        };
        for parameter in parameters {
            let Datum::List(items) = parameter else { continue };
            let Some(Datum::Integer(index)) = items.first() else { continue };
            let word = |at: usize| match items.get(at) {
                Some(Datum::Text(text)) => text.clone(),
                Some(_) | None => String::new(),
            };
            self.0.insert((unit.clone(), *index), (word(1), word(2), word(4)));
        }
    }
}

/// The lines that a record makes: the table's index and the cells after the common ones.
pub(crate) fn lines(record: &Record, names: &Names, mut line: impl FnMut(usize, Vec<Cell>)) {
    let common = &record.common;
    match &record.body {
        Body::Action(action) => line(0, of_action(action)),
        Body::Alarm(change) => line(1, of_alarm(common, change)),
        Body::Batch(batch) => line(2, of_batch(common, batch)),
        Body::Deviation(deviation) => line(3, of_deviation(common, deviation)),
        Body::Event(event) => line(4, of_event(common, event)),
        Body::Telemetry(frame) => {
            for column in &frame.columns {
                for index in 0..column.samples.len() {
                    line(5, of_sample(common, frame, column, index, names));
                }
            }
        }
        Body::Result(result) => line(6, of_result(common, result)),
        // How the agent is, and its own memory: in the JSON lines.
        Body::State(_) | Body::Health(_) => {}
    }
}

fn at(common: &Common, at: Mono) -> [Cell; 2] {
    [Cell::plain(time(wall_time(common, at))), Cell::plain(at.0)]
}

fn when(common: &Common, at: Option<Mono>) -> Cell {
    Cell::maybe(at.map(|at| time(wall_time(common, at))))
}

fn person(person: Option<&Person>) -> [Cell; 2] {
    [
        Cell::maybe_text(person.map(|one| one.name.as_str())),
        Cell::maybe_text(person.map(|one| one.role.as_str())),
    ]
}

fn of_action(action: &Action) -> Vec<Cell> {
    let Action { person: by, what, target, reason, old, new, refusal } = action;
    let [name, role] = person(Some(by));
    let texts =
        [Some(what), Some(target), Some(reason), old.as_ref(), new.as_ref(), refusal.as_ref()];
    let texts = texts.into_iter().map(|text| Cell::maybe_text(text.map(String::as_str)));
    [name, role].into_iter().chain(texts).collect()
}

fn of_alarm(common: &Common, change: &AlarmChange) -> Vec<Cell> {
    let [utc, mono] = at(common, change.at);
    let [name, role] = person(change.person.as_ref());
    vec![
        utc,
        mono,
        Cell::text(&change.alarm),
        Cell::text(&change.source),
        Cell::plain(change.kind.word()),
        Cell::plain(change.transition.word()),
        Cell::plain(change.state.word()),
        Cell::plain(change.priority.word()),
        Cell::plain(change.occurrence),
        Cell::maybe(change.value),
        Cell::maybe(change.limit),
        Cell::plain(change.quality),
        name,
        role,
        Cell::maybe_text(change.comment.as_deref()),
        when(common, change.until),
    ]
}

fn of_batch(common: &Common, batch: &Batch) -> Vec<Cell> {
    let [utc, mono] = at(common, batch.at);
    vec![
        utc,
        mono,
        Cell::text(&batch.batch),
        Cell::plain(batch.change.word()),
        Cell::maybe_text(batch.from.as_deref()),
        Cell::maybe_text(batch.to.as_deref()),
        Cell::maybe(batch.seal.as_ref().map(seal_to_json)),
    ]
}

fn of_deviation(common: &Common, deviation: &Deviation) -> Vec<Cell> {
    let [utc, mono] = at(common, deviation.at);
    let rules: Vec<String> =
        deviation.rules.iter().map(|(rule, words)| format!("{}: {words}", rule.word())).collect();
    let seen = deviation.acknowledgements.iter();
    let seen: Vec<String> = seen
        .map(|(at, by)| format!("{} {} ({})", time(wall_time(common, *at)), by.name, by.role))
        .collect();
    vec![
        utc,
        mono,
        Cell::text(&deviation.id),
        Cell::plain(deviation.change.word()),
        Cell::text(&rules.join("; ")),
        Cell::text(&deviation.alarm),
        Cell::plain(deviation.occurrence),
        Cell::text(&deviation.source),
        when(common, Some(deviation.since)),
        when(common, deviation.until),
        Cell::maybe(deviation.limit),
        Cell::maybe(deviation.lowest),
        Cell::maybe(deviation.highest),
        Cell::maybe(deviation.area),
        Cell::text(&seen.join("; ")),
    ]
}

fn of_event(common: &Common, event: &Event) -> Vec<Cell> {
    let [utc, mono] = at(common, event.at);
    let details = details_to_json(&event.details).to_string();
    vec![utc, mono, Cell::plain(event.kind.word()), Cell::text(&event.text), Cell::text(&details)]
}

fn of_sample(
    common: &Common,
    frame: &Frame,
    column: &Column,
    index: usize,
    names: &Names,
) -> Vec<Cell> {
    let sample = &column.samples[index];
    let [utc, mono] =
        frame.time_of(column, index).map_or([Cell::Empty, Cell::Empty], |time| at(common, time));
    let key = (common.unit.clone().unwrap_or_default(), i64::from(column.parameter));
    let known = names.0.get(&key);
    let value = match &sample.value {
        // As many decimals as the profile declares.
        Some(Value::Number(number)) => {
            Cell::plain(format!("{number:.*}", usize::from(column.decimals)))
        }
        Some(Value::Integer(integer)) => Cell::plain(integer),
        Some(Value::Bool(flag)) => Cell::plain(flag),
        Some(Value::Text(text)) => Cell::text(text),
        None => Cell::Empty,
    };
    let raw: Vec<String> = sample.raw.iter().map(|word| format!("{word:04x}")).collect();
    vec![
        utc,
        mono,
        Cell::plain(column.parameter),
        Cell::maybe_text(known.map(|(name, ..)| name.as_str())),
        Cell::maybe_text(known.map(|(_, unit, _)| unit.as_str())),
        Cell::maybe_text(known.map(|(.., device)| device.as_str())),
        value,
        Cell::plain(sample.quality),
        Cell::plain(raw.join(" ")),
    ]
}

fn of_result(common: &Common, result: &EnteredResult) -> Vec<Cell> {
    let [utc, mono] = at(common, result.at);
    let [entered, entered_role] = person(Some(&result.entered_by));
    let [confirmed, confirmed_role] = person(result.confirmed_by.as_ref());
    vec![
        utc,
        mono,
        Cell::text(&result.id),
        Cell::text(&result.parameter),
        Cell::plain(result.value),
        Cell::text(result.unit.symbol()),
        Cell::plain(result.counts),
        Cell::maybe(result.sampled.map(time)),
        entered,
        entered_role,
        confirmed,
        confirmed_role,
        Cell::maybe(result.old),
        Cell::text(&result.reason),
    ]
}
