//! Events, what people did, what happened to batches, and the agent's health.

use std::collections::BTreeMap;

use cellwatch_record::{
    Action, Batch, Datum, Deviation, EnteredResult, Event, EventKind, Health, Record,
};
use rusqlite::params;
use serde_json::{Map, Value, json};

use super::shelf::{Place, integer};
use super::{StoreError, frames};
use crate::tools::record_json::record_to_json;

struct Row<'a> {
    kind: &'a str,
    at_ns: i64,
    text: &'a str,
    details: Value,
    person: Option<(&'a str, &'a str)>,
}

/// Writes an event, and what it says of parameters and of the Master File.
pub(super) fn write_event(place: &Place<'_>, event: &Event) -> Result<(), StoreError> {
    if event.kind == EventKind::Configuration {
        frames::write_parameters(place, event)?;
    }
    if event.kind == EventKind::MasterFileInForce {
        write_master_file(place, event)?;
    }
    let row = Row {
        kind: event.kind.word(),
        at_ns: place.utc_of(event.at),
        text: &event.text,
        details: details(&event.details),
        person: None,
    };
    write(place, &row)
}

/// Writes what a person did.
pub(super) fn write_action(place: &Place<'_>, action: &Action) -> Result<(), StoreError> {
    let text = format!("{} {}: {}", action.what, action.target, action.reason);
    let details = json!({
        "what": action.what, "target": action.target, "reason": action.reason,
        "old": action.old, "new": action.new, "refusal": action.refusal,
    });
    let person = Some((action.person.name.as_str(), action.person.role.as_str()));
    let at_ns = place.common.utc.0;
    write(place, &Row { kind: "action", at_ns, text: &text, details, person })
}

/// Writes what happened to a batch.
pub(super) fn write_batch(place: &Place<'_>, batch: &Batch) -> Result<(), StoreError> {
    let text = format!("batch {} {}", batch.batch, batch.change.word());
    let details = json!({
        "change": batch.change.word(), "batch": batch.batch, "from": batch.from, "to": batch.to,
    });
    let at_ns = place.utc_of(batch.at);
    write(place, &Row { kind: "batch", at_ns, text: &text, details, person: None })
}

/// Writes a deviation candidate, for quality assurance to judge.
pub(super) fn write_deviation(
    place: &Place<'_>,
    record: &Record,
    deviation: &Deviation,
) -> Result<(), StoreError> {
    let text = format!("deviation candidate {} {}", deviation.id, deviation.change.word());
    let details = record_to_json(record)["body"].take();
    let at_ns = place.utc_of(deviation.at);
    write(place, &Row { kind: "deviation", at_ns, text: &text, details, person: None })
}

/// Writes a result that a person entered, confirmed or corrected.
pub(super) fn write_result(
    place: &Place<'_>,
    record: &Record,
    result: &EnteredResult,
) -> Result<(), StoreError> {
    let text = format!("result {}: {} {}", result.id, result.value, result.unit);
    let details = record_to_json(record)["body"].take();
    let at_ns = place.utc_of(result.at);
    let by = &result.entered_by;
    let person = Some((by.name.as_str(), by.role.as_str()));
    write(place, &Row { kind: "result", at_ns, text: &text, details, person })
}

fn write(place: &Place<'_>, row: &Row<'_>) -> Result<(), StoreError> {
    place
        .connection
        .prepare_cached(
            "INSERT INTO events (journal_id, seq, agent_id, unit, batch, kind, at_ns, text, details,
               person, role, received_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            place.journal_id,
            integer(place.common.identity.seq),
            place.agent_id,
            place.common.unit,
            place.common.batch,
            row.kind,
            row.at_ns,
            row.text,
            row.details.to_string(),
            row.person.map(|(name, _)| name),
            row.person.map(|(_, role)| role),
            place.received.0,
        ])?;
    Ok(())
}

/// Writes how the agent is. Only what came live says anything about now.
pub(super) fn write_health(place: &Place<'_>, health: &Health) -> Result<(), StoreError> {
    if !place.live {
        return Ok(());
    }
    let common = place.common;
    place
        .connection
        .prepare_cached(
            "UPDATE agent_state SET health_ns = ?2, health_received_ns = ?3, health = ?4,
               clock = ?5, oversight = 'watched',
               oversight_ns = CASE oversight WHEN 'watched' THEN oversight_ns ELSE ?3 END
             WHERE id = ?1",
        )?
        .execute(params![
            place.agent_id,
            common.utc.0,
            place.received.0,
            details(&health.figures).to_string(),
            common.clock.sync.to_string(),
        ])?;
    Ok(())
}

fn write_master_file(place: &Place<'_>, event: &Event) -> Result<(), StoreError> {
    let word = |name: &str| event.details.get(name).map(plain).unwrap_or_default();
    let (id, version, hash) = (word("id"), word("version"), word("sha256"));
    let name = format!("{id} v{version}");
    place
        .connection
        .prepare_cached(
            "UPDATE agent_state SET master_file = ?2, master_file_sha256 = ?3, master_file_ns = ?4
             WHERE id = ?1 AND (master_file_ns IS NULL OR master_file_ns <= ?4)",
        )?
        .execute(params![place.agent_id, name, hash, place.common.utc.0])?;
    Ok(())
}

/// Details as JSON; bytes as hexadecimal text.
pub(crate) fn details(details: &BTreeMap<String, Datum>) -> Value {
    Value::Object(
        details.iter().map(|(name, datum)| (name.clone(), value(datum))).collect::<Map<_, _>>(),
    )
}

fn value(datum: &Datum) -> Value {
    match datum {
        Datum::Text(text) => json!(text),
        Datum::Integer(integer) => json!(integer),
        Datum::Number(number) => json!(number),
        Datum::Bool(flag) => json!(flag),
        Datum::Bytes(bytes) => json!(hex(bytes)),
        Datum::List(list) => Value::Array(list.iter().map(value).collect()),
    }
}

fn plain(datum: &Datum) -> String {
    match datum {
        Datum::Text(text) => text.clone(),
        Datum::Bytes(bytes) => hex(bytes),
        Datum::Integer(_) | Datum::Number(_) | Datum::Bool(_) | Datum::List(_) => {
            value(datum).to_string()
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
