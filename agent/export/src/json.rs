//! Records as JSON for people and programs that read no CBOR: hexadecimal ids, RFC 3339 times,
//! words for codes. A convenience; the evidence is the sealed bytes.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Quality, Utc, Value as Reading};
use cellwatch_record::{
    Action, AlarmChange, AlarmSummary, Batch, BatchSeal, Body, Column, Command, Common,
    CompletenessReceipt, Datum, Deviation, EnteredResult, Event, Frame, Order, Person, Receipt,
    Record, Sample, SavedMasterFile, State,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Everything that a record says.
#[must_use]
pub fn record_to_json(record: &Record) -> Value {
    let Record { common, body } = record;
    let Common { identity, prev, boot, utc, mono, clock, master_file, unit, batch, phase } = common;
    json!({
        "agent": identity.agent,
        "journal": identity.journal.to_string(),
        "seq": identity.seq,
        "prev": prev.to_string(),
        "kind": body.kind().word(),
        "boot": boot,
        "utc": time(*utc),
        "mono_ns": mono.0,
        "clock": {
            "sync": clock.sync.to_string(),
            "error_bound_us": clock.error_bound_us,
            "offset_us": clock.offset_us,
        },
        "master_file": master_file,
        "unit": unit,
        "batch": batch,
        "phase": phase,
        "body": body_to_json(common, body),
    })
}

/// Everything that a receipt says.
#[must_use]
pub fn receipt_to_json(receipt: &Receipt) -> Value {
    let Receipt { agent, journal, through, hash, missing, highest, issued } = receipt;
    let missing: Vec<_> = missing.iter().map(|range| json!([range.first, range.last])).collect();
    json!({
        "agent": agent,
        "journal": journal.to_string(),
        "through": through,
        "hash": hash.to_string(),
        "missing": missing,
        "highest": highest,
        "issued": time(*issued),
    })
}

/// Everything that a command says.
#[must_use]
pub fn command_to_json(command: &Command) -> Value {
    let Command { site, agent, number, issued, expires, order, reason } = command;
    let Order::SiteStatus(status) = order;
    json!({
        "site": site,
        "agent": agent,
        "number": number,
        "issued": time(*issued),
        "expires": time(*expires),
        "site_status": status.word(),
        "reason": reason,
    })
}

/// Everything that a summary of standing alarms says.
#[must_use]
pub fn summary_to_json(summary: &AlarmSummary) -> Value {
    let AlarmSummary { agent, journal, unit, as_of_seq, utc, mono, standing } = summary;
    let standing: Vec<_> = standing
        .iter()
        .map(|one| {
            json!({
                "alarm": one.alarm,
                "source": one.source,
                "state": one.state.word(),
                "priority": one.priority.word(),
                "raised_mono_ns": one.raised.0,
            })
        })
        .collect();
    json!({
        "agent": agent,
        "journal": journal.to_string(),
        "unit": unit,
        "as_of_seq": as_of_seq,
        "utc": time(*utc),
        "mono_ns": mono.0,
        "standing": standing,
    })
}

/// RFC 3339 with as many decimals as needed.
#[must_use]
pub fn time(utc: Utc) -> String {
    Timestamp::from_nanosecond(utc.0.into()).unwrap_or_default().to_string()
}

/// Wall time of something at `at`, reckoned from the record's own pair of times.
#[must_use]
pub fn wall_time(common: &Common, at: Mono) -> Utc {
    let before = i128::from(common.mono.0) - i128::from(at.0);
    let ns = (i128::from(common.utc.0) - before).clamp(i64::MIN.into(), i64::MAX.into());
    Utc(i64::try_from(ns).unwrap_or(common.utc.0))
}

fn body_to_json(common: &Common, body: &Body) -> Value {
    match body {
        Body::Telemetry(frame) => frame_to_json(common, frame),
        Body::Alarm(change) => alarm_to_json(common, change),
        Body::Action(action) => action_to_json(action),
        Body::Batch(Batch { change, batch, from, to, at, seal }) => json!({
            "change": change.word(),
            "batch": batch,
            "from": from,
            "to": to,
            "mono_ns": at.0,
            "utc": time(wall_time(common, *at)),
            "seal": seal.as_ref().map(seal_to_json),
        }),
        Body::Event(Event { kind, at, text, details }) => json!({
            "event": kind.word(),
            "mono_ns": at.0,
            "utc": time(wall_time(common, *at)),
            "text": text,
            "details": details_to_json(details),
        }),
        Body::Health(health) => json!({ "figures": details_to_json(&health.figures) }),
        Body::Deviation(deviation) => deviation_to_json(common, deviation),
        Body::Result(result) => result_to_json(common, result),
        Body::State(state) => state_to_json(common, state),
    }
}

/// What a batch's seal says.
#[must_use]
pub fn seal_to_json(seal: &BatchSeal) -> Value {
    let BatchSeal { first, last, counts, root } = seal;
    let counts = counts.iter().map(|(kind, count)| (kind.word().to_owned(), json!(count)));
    json!({
        "first": first,
        "last": last,
        "records": seal.records(),
        "counts": Value::Object(counts.collect()),
        "root": root.to_string(),
    })
}

/// What the Control Site says of a sealed batch.
#[must_use]
pub fn completeness_to_json(receipt: &CompletenessReceipt) -> Value {
    let missing = receipt.missing.iter();
    json!({
        "agent": receipt.agent,
        "journal": receipt.journal.to_string(),
        "unit": receipt.unit,
        "batch": receipt.batch,
        "seal_seq": receipt.seal_seq,
        "seal_hash": receipt.seal_hash.to_string(),
        "found": receipt.found.word(),
        "missing": missing.map(|range| json!([range.first, range.last])).collect::<Vec<_>>(),
        "root": receipt.root.to_string(),
        "issued": time(receipt.issued),
    })
}

fn deviation_to_json(common: &Common, deviation: &Deviation) -> Value {
    let when = |at: Mono| time(wall_time(common, at));
    let trend = |points: &[(Mono, f64)]| -> Vec<Value> {
        points.iter().map(|(at, value)| json!([when(*at), value])).collect()
    };
    let rules: Vec<Value> = deviation
        .rules
        .iter()
        .map(|(rule, words)| json!({ "rule": rule.word(), "words": words }))
        .collect();
    let acknowledgements: Vec<Value> = deviation
        .acknowledgements
        .iter()
        .map(|(at, person)| json!({ "utc": when(*at), "person": person_to_json(person) }))
        .collect();
    json!({
        "deviation": deviation.id,
        "change": deviation.change.word(),
        "rules": rules,
        "alarm": deviation.alarm,
        "occurrence": deviation.occurrence,
        "source": deviation.source,
        "utc": when(deviation.at),
        "since": when(deviation.since),
        "until": deviation.until.map(when),
        "duration_ms": deviation.duration_ms(),
        "limit": deviation.limit,
        "lowest": deviation.lowest,
        "highest": deviation.highest,
        "area_beyond_unit_s": deviation.area,
        "acknowledgements": acknowledgements,
        "before": trend(&deviation.before),
        "after": trend(&deviation.after),
    })
}

fn result_to_json(common: &Common, result: &EnteredResult) -> Value {
    json!({
        "result": result.id,
        "parameter": result.parameter,
        "value": result.value,
        "unit": result.unit.symbol(),
        "counts": result.counts,
        "utc": time(wall_time(common, result.at)),
        "sampled": result.sampled.map(time),
        "entered_by": person_to_json(&result.entered_by),
        "confirmed_by": result.confirmed_by.as_ref().map(person_to_json),
        "old": result.old,
        "reason": result.reason,
    })
}

fn state_to_json(common: &Common, state: &State) -> Value {
    let when = |at: Mono| time(wall_time(common, at));
    let alarms: Vec<Value> = state
        .alarms
        .iter()
        .map(|alarm| {
            json!({
                "unit": alarm.unit,
                "alarm": alarm.alarm,
                "regions": alarm.regions,
                "occurrence": alarm.occurrence,
                "raised": when(alarm.raised),
                "until": alarm.until.map(when),
                "acknowledged": alarm.acknowledged.map(when),
            })
        })
        .collect();
    let batches: Vec<Value> = state
        .batches
        .iter()
        .map(|batch| {
            let since = when(batch.since);
            json!({ "unit": batch.unit, "batch": batch.batch, "phase": batch.phase, "since": since })
        })
        .collect();
    let deviations: Vec<Value> = state
        .deviations
        .iter()
        .map(|(unit, one)| json!({ "unit": unit, "deviation": deviation_to_json(common, one) }))
        .collect();
    let results: Vec<Value> = state
        .results
        .iter()
        .map(|(unit, one)| json!({ "unit": unit, "result": result_to_json(common, one) }))
        .collect();
    json!({
        "alarms": alarms,
        "batches": batches,
        "deviations": deviations,
        "results": results,
        "counted": details_to_json(&state.counted),
        "master_files": state.master_files.iter().map(master_file_to_json).collect::<Vec<_>>(),
        "site": {
            "status": state.site.status.word(),
            "command": state.site.command,
            "sha256": state.site.sha256.to_string(),
        },
    })
}

fn master_file_to_json(file: &SavedMasterFile) -> Value {
    json!({
        "sha256": file.sha256.to_string(),
        "id": file.id,
        "version": file.version,
        "waits": file.waits.word(),
        "units": file.units,
    })
}

fn frame_to_json(common: &Common, frame: &Frame) -> Value {
    let columns: Vec<_> =
        frame.columns.iter().map(|column| column_to_json(common, frame, column)).collect();
    json!({ "from_mono_ns": frame.from.0, "readings": frame.readings(), "columns": columns })
}

fn column_to_json(common: &Common, frame: &Frame, column: &Column) -> Value {
    let samples: Vec<_> = column
        .samples
        .iter()
        .enumerate()
        .map(|(index, Sample { value, quality, raw, stamp })| {
            let at = frame.time_of(column, index);
            let mut json = json!({
                "mono_ns": at.map(|at| at.0),
                "utc": at.map(|at| time(wall_time(common, at))),
                "value": value.as_ref().map(reading_to_json),
                "quality": quality.to_string(),
                "raw": raw.iter().map(|word| format!("{word:04x}")).collect::<Vec<_>>(),
            });
            if let Some(stamp) = stamp {
                json["opc_ua"] = json!({
                    "status": format!("{:08x}", stamp.status),
                    "source": stamp.source.map(time),
                    "server": stamp.server.map(time),
                });
            }
            json
        })
        .collect();
    json!({ "parameter": column.parameter, "decimals": column.decimals, "samples": samples })
}

fn reading_to_json(value: &Reading) -> Value {
    match value {
        Reading::Number(number) => json!(number),
        Reading::Integer(integer) => json!(integer),
        Reading::Bool(flag) => json!(flag),
        Reading::Text(text) => json!(text),
    }
}

fn alarm_to_json(common: &Common, change: &AlarmChange) -> Value {
    let quality: &Quality = &change.quality;
    json!({
        "alarm": change.alarm,
        "source": change.source,
        "kind": change.kind.word(),
        "transition": change.transition.word(),
        "state": change.state.word(),
        "priority": change.priority.word(),
        "occurrence": change.occurrence,
        "mono_ns": change.at.0,
        "utc": time(wall_time(common, change.at)),
        "value": change.value,
        "limit": change.limit,
        "quality": quality.to_string(),
        "person": change.person.as_ref().map(person_to_json),
        "comment": change.comment,
    })
}

fn action_to_json(action: &Action) -> Value {
    let Action { person, what, target, reason, old, new, refusal } = action;
    json!({
        "person": person_to_json(person),
        "what": what,
        "target": target,
        "reason": reason,
        "old": old,
        "new": new,
        "refusal": refusal,
    })
}

fn person_to_json(person: &Person) -> Value {
    json!({ "name": person.name, "role": person.role })
}

/// Details as JSON; bytes as hexadecimal text.
#[must_use]
pub fn details_to_json(details: &BTreeMap<String, Datum>) -> Value {
    let entries = details.iter().map(|(name, datum)| (name.clone(), datum_to_json(datum)));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn datum_to_json(datum: &Datum) -> Value {
    match datum {
        Datum::Text(text) => json!(text),
        Datum::Integer(integer) => json!(integer),
        Datum::Number(number) => json!(number),
        Datum::Bool(flag) => json!(flag),
        Datum::Bytes(bytes) => json!(hex(bytes)),
        Datum::List(list) => list.iter().map(datum_to_json).collect(),
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
