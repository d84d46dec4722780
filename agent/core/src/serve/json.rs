//! The plain JSON topics.

use cellwatch_model::{Now, Quality, Utc, Value};
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::evaluate::{AlarmPoint, ParameterState, Unit};

/// Latest values of a unit with unit of measure, quality and age.
pub(crate) fn values_json(unit: &Unit, now: Now) -> Vec<u8> {
    let document = Values {
        unit: &unit.id,
        name: &unit.name,
        utc: utc_text(now.utc),
        clock: now.clock.sync.to_string(),
        batch: unit.batch.batch(),
        phase: unit.batch.phase(),
        values: Latest { parameters: unit.parameters(), now },
    };
    // Strings and numbers: what has no JSON is not among them.
    serde_json::to_vec(&document).unwrap_or_default()
}

#[derive(Serialize)]
struct Values<'a> {
    unit: &'a str,
    name: &'a str,
    utc: Option<String>,
    clock: String,
    batch: Option<&'a str>,
    phase: Option<&'a str>,
    values: Latest<'a>,
}

/// Written one by one: a unit may have thousands.
struct Latest<'a> {
    parameters: &'a [ParameterState],
    now: Now,
}

impl Serialize for Latest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.parameters.iter().map(|one| latest(one, self.now)))
    }
}

#[derive(Serialize)]
struct LatestValue<'a> {
    parameter: &'a str,
    value: Option<serde_json::Value>,
    unit: &'a str,
    #[serde(serialize_with = "in_words")]
    quality: Option<Quality>,
    age_ms: Option<u64>,
}

#[allow(clippy::ref_option, reason = "serde asks for it")]
fn in_words<S: Serializer>(quality: &Option<Quality>, serializer: S) -> Result<S::Ok, S::Error> {
    match quality {
        Some(quality) => serializer.collect_str(quality),
        None => serializer.serialize_str("bad: waiting for first reply"),
    }
}

fn latest(parameter: &ParameterState, now: Now) -> LatestValue<'_> {
    let last = parameter.last.as_ref();
    let value = last.and_then(|reading| reading.value.as_ref().ok());
    LatestValue {
        parameter: parameter.name(),
        value: value.map(|value| value_json(parameter, value)),
        unit: parameter.known().unit.symbol(),
        quality: last.map(|reading| reading.quality),
        age_ms: last.map(|reading| now.mono.ms_since(reading.at)),
    }
}

pub(super) fn value_json(parameter: &ParameterState, value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => json!(number),
        Value::Bool(flag) => json!(flag),
        Value::Text(text) => json!(text),
        Value::Integer(integer) => {
            let known = parameter.known();
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
