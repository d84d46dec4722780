//! What of a parameter an alarm judges: its value, its distance, its rate, its state.

use cellwatch_model::LimitKind;

use super::Watch;
use crate::reader::{Section, Value};

/// A discrete alarm is judged as 1 in one of its states and 0 elsewhere.
const DISCRETE_LIMIT: f64 = 0.5;

/// Reads what is judged, and the limit; keys that belong to another kind stay unknown and are problems.
pub(super) fn watch(
    section: &Section<'_>,
    kind: Option<LimitKind>,
) -> (Option<Watch>, Option<f64>) {
    let positive = |value: &Value<'_>| {
        let number = value.number()?;
        if number > 0.0 { Some(number) } else { value.problem(format!("{number} is not above 0")) }
    };
    match kind {
        Some(LimitKind::Deviation) => {
            let reference = section.maybe("reference", Value::text);
            let watch = reference.map(|reference| Watch::Deviation { reference });
            (watch, section.must("limit", positive))
        }
        Some(LimitKind::Rate) => {
            let window_ms =
                section.must("window_s", |window| window.duration_ms(1000, 1.0..=3600.0));
            let watch = window_ms.map(|window_ms| Watch::Rate { window_ms });
            (watch, section.must("limit", positive))
        }
        Some(LimitKind::Discrete) => {
            let states = section.must("states", |states| {
                let states_read = states.set(Value::text)?;
                if states_read.is_empty() {
                    return states.problem("is empty: name the states that must not be");
                }
                Some(states_read)
            });
            (states.map(Watch::States), Some(DISCRETE_LIMIT))
        }
        Some(
            LimitKind::LowLow
            | LimitKind::Low
            | LimitKind::High
            | LimitKind::HighHigh
            | LimitKind::Instrument
            | LimitKind::Agent
            | LimitKind::Communication
            | LimitKind::Phase,
        )
        | None => (Some(Watch::Value), section.must("limit", Value::number)),
    }
}
