//! The plain JSON topics.

use cellwatch_model::{Now, Utc, Value};
use serde_json::json;

use crate::evaluate::{AlarmPoint, ParameterState, Unit};

/// Latest values of a unit with unit of measure, quality and age.
pub(crate) fn values_json(unit: &Unit, now: Now) -> Vec<u8> {
    let value = |parameter: &ParameterState| {
        let last = parameter.last.as_ref();
        let value = last.and_then(|reading| reading.value.as_ref().ok());
        let quality = last.map(|reading| reading.quality.to_string());
        json!({
            "parameter": parameter.name,
            "value": value.map(|value| value_json(parameter, value)),
            "unit": parameter.unit.symbol(),
            "quality": quality.unwrap_or_else(|| "bad: waiting for first reply".to_owned()),
            "age_ms": last.map(|reading| now.mono.ms_since(reading.at)),
        })
    };
    let values: Vec<_> = unit.parameters().iter().map(value).collect();
    to_bytes(&json!({
        "unit": unit.id,
        "name": unit.name,
        "utc": utc_text(now.utc),
        "clock": now.clock.sync.to_string(),
        "batch": unit.batch.batch(),
        "phase": unit.batch.phase(),
        "values": values,
    }))
}

pub(super) fn value_json(parameter: &ParameterState, value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => json!(number),
        Value::Bool(flag) => json!(flag),
        Value::Text(text) => json!(text),
        Value::Integer(integer) => {
            let known = &parameter.profile.parameters[parameter.profile_index];
            known.values.get(integer).map_or_else(|| json!(integer), |word| json!(word))
        }
    }
}

/// Standing alarms of a unit or of the agent.
pub(crate) fn alarms_json<'a>(
    unit: Option<&str>,
    standing: impl Iterator<Item = &'a AlarmPoint>,
    now: Now,
) -> Vec<u8> {
    let alarm = |alarm: &AlarmPoint| {
        let standing = alarm.standing();
        json!({
            "alarm": alarm.id,
            "source": alarm.source,
            "kind": alarm.kind.word(),
            "priority": alarm.priority.word(),
            "state": alarm.state().word(),
            "standing_ms": now.mono.ms_since(standing.raised),
            "response": alarm.response,
        })
    };
    let standing: Vec<_> = standing.map(alarm).collect();
    to_bytes(&json!({ "unit": unit, "utc": utc_text(now.utc), "standing": standing }))
}

fn utc_text(at: Utc) -> Option<String> {
    jiff::Timestamp::from_nanosecond(i128::from(at.0)).ok().map(|at| format!("{at:.3}"))
}

fn to_bytes(value: &serde_json::Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
