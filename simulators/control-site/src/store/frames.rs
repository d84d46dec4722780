//! Samples of frames, and what the parameters are called.

use cellwatch_model::Value;
use cellwatch_record::{Column, Datum, Event, Frame, Sample};
use rusqlite::params;
use rusqlite::types::Value as Sql;

use super::StoreError;
use super::shelf::{Place, integer};

/// Writes every sample of a frame.
pub(super) fn write(place: &Place<'_>, frame: &Frame) -> Result<(), StoreError> {
    let Some(unit_id) = place.unit_id else { return Ok(()) };
    let seq = integer(place.common.identity.seq);
    let mut insert = place.connection.prepare_cached(
        "INSERT INTO readings (journal_id, unit_id, parameter, seq, sample, utc_ns, mono_ns, value,
           text, quality) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut number: i64 = 0;
    for column in &frame.columns {
        for (index, sample) in column.samples.iter().enumerate() {
            let Some(at) = frame.time_of(column, index) else { continue };
            let (value, text) = sql(sample);
            insert.execute(params![
                place.journal_id,
                unit_id,
                column.parameter,
                seq,
                number,
                place.utc_of(at),
                at.0.cast_signed(),
                value,
                text,
                sample.quality.code(),
            ])?;
            number += 1;
        }
        write_latest(place, unit_id, frame, column)?;
    }
    Ok(())
}

fn write_latest(
    place: &Place<'_>,
    unit_id: i64,
    frame: &Frame,
    column: &Column,
) -> Result<(), StoreError> {
    let last = column.samples.len().checked_sub(1);
    let (Some(sample), Some(at)) =
        (column.samples.last(), last.and_then(|last| frame.time_of(column, last)))
    else {
        return Ok(());
    };
    let (value, text) = sql(sample);
    place
        .connection
        .prepare_cached(
            "INSERT INTO reading_latest (journal_id, unit_id, parameter, seq, utc_ns, value, text,
               quality, quality_words, received_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (journal_id, unit_id, parameter) DO UPDATE SET seq = excluded.seq,
               utc_ns = excluded.utc_ns, value = excluded.value, text = excluded.text,
               quality = excluded.quality, quality_words = excluded.quality_words,
               received_ns = excluded.received_ns
             WHERE (excluded.seq, excluded.utc_ns) >= (seq, utc_ns)",
        )?
        .execute(params![
            place.journal_id,
            unit_id,
            column.parameter,
            integer(place.common.identity.seq),
            place.utc_of(at),
            value,
            text,
            sample.quality.code(),
            sample.quality.to_string(),
            place.received.0,
        ])?;
    Ok(())
}

fn sql(sample: &Sample) -> (Sql, Sql) {
    match &sample.value {
        None => (Sql::Null, Sql::Null),
        Some(Value::Number(number)) => (Sql::Real(*number), Sql::Null),
        Some(Value::Integer(integer)) => (Sql::Integer(*integer), Sql::Null),
        Some(Value::Bool(flag)) => (Sql::Integer(i64::from(*flag)), Sql::Null),
        Some(Value::Text(text)) => (Sql::Null, Sql::Text(text.clone())),
    }
}

/// Writes what a configuration event says of the indices of a unit's frames: index, name, unit of
/// measure, decimals, device, SHA-256 of the profile, part, words of an enumeration. The last two are
/// missing in older records. An entry of another form is left out: the samples then keep their index
/// for a name.
pub(super) fn write_parameters(place: &Place<'_>, event: &Event) -> Result<(), StoreError> {
    let (Some(unit_id), Some(Datum::List(list))) = (place.unit_id, event.details.get("parameters"))
    else {
        return Ok(());
    };
    let mut insert = place.connection.prepare_cached(
        "INSERT OR REPLACE INTO parameters (journal_id, unit_id, parameter, since_seq, name,
           unit_of_measure, decimals, device, profile, part, words)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for entry in list {
        let Datum::List(items) = entry else { continue };
        let [
            Datum::Integer(index),
            Datum::Text(name),
            Datum::Text(unit_of_measure),
            Datum::Integer(decimals),
            Datum::Text(device),
            rest @ ..,
        ] = items.as_slice()
        else {
            continue;
        };
        let profile = match rest.first() {
            Some(Datum::Bytes(hash)) => Some(hash.as_slice()),
            _ => None,
        };
        let part = match rest.get(1) {
            Some(Datum::Text(part)) => Some(part.as_str()),
            _ => None,
        };
        insert.execute(params![
            place.journal_id,
            unit_id,
            index,
            integer(place.common.identity.seq),
            name,
            unit_of_measure,
            decimals,
            device,
            profile,
            part,
            rest.get(2).and_then(words),
        ])?;
    }
    Ok(())
}

/// The words of an enumeration as JSON; none where there are none. What is no pair of a number and
/// a word is left out.
fn words(datum: &Datum) -> Option<String> {
    let Datum::List(list) = datum else { return None };
    let mut pairs: Vec<(i64, &str)> = Vec::new();
    for pair in list {
        if let Datum::List(pair) = pair
            && let [Datum::Integer(number), Datum::Text(word)] = pair.as_slice()
        {
            pairs.push((*number, word));
        }
    }
    if pairs.is_empty() { None } else { serde_json::to_string(&pairs).ok() }
}
