//! Keys that say what it takes to believe a value.

use super::{Belief, DataType, Parameter, Role};
use crate::reader::{Section, Value};

/// A heartbeat has stopped after so many of its periods unless the profile says otherwise …
const HEARTBEAT_PERIODS: u64 = 5;
/// … and not before this, milliseconds.
const HEARTBEAT_LEAST_MS: u64 = 10_000;

/// What was written, before the defaults that depend on the rest of the parameter.
pub(super) struct Written {
    belief: Belief,
    torn_guard: Option<bool>,
}

/// Reads the keys.
pub(super) fn belief(section: &Section<'_>) -> Option<Written> {
    let noise = section.or("noise", 0.0, |noise| noise.number_in(0.0..=f64::MAX));
    let frozen_after_ms =
        section.maybe("frozen_after_s", |age| age.duration_ms(1000, 1.0..=604_800.0));
    let max_rate_per_s = section.maybe("max_rate_per_s", |rate| {
        let number = rate.number()?;
        if number > 0.0 { Some(number) } else { rate.problem("must be above 0") }
    });
    let torn_guard = section.maybe("torn_guard", Value::boolean);
    let heartbeat_after_ms =
        section.maybe("heartbeat_after_s", |age| age.duration_ms(1000, 1.0..=3600.0));
    let belief = Belief {
        noise: noise?,
        frozen_after_ms: frozen_after_ms?,
        max_rate_per_s: max_rate_per_s?,
        torn_guard: false,
        heartbeat_after_ms: heartbeat_after_ms?,
    };
    Some(Written { belief, torn_guard: torn_guard? })
}

impl Written {
    /// With the defaults of a parameter of this role and type.
    pub(super) fn of(
        self,
        role: Role,
        data_type: DataType,
        period_ms: u64,
        torn_guard: bool,
    ) -> Belief {
        let by_default = torn_guard && data_type.is_number_of_words();
        let usual = HEARTBEAT_LEAST_MS.max(HEARTBEAT_PERIODS * period_ms);
        let usual = (role == Role::Heartbeat).then_some(usual);
        Belief {
            torn_guard: self.torn_guard.unwrap_or(by_default),
            heartbeat_after_ms: self.belief.heartbeat_after_ms.or(usual),
            ..self.belief
        }
    }
}

/// Notes what does not fit.
pub(super) fn check_belief(section: &Section<'_>, parameter: &Parameter) {
    let Parameter { data_type, role, belief, .. } = parameter;
    let is_number = (data_type.is_integer() || data_type.is_float()) && parameter.values.is_empty();
    let is_measured = is_number && *role == Role::Process && parameter.own_word.is_none();
    if belief.frozen_after_ms.is_some() && !is_measured {
        section.problem(
            "frozen_after_s",
            "is for measured numbers: bits, text, states and counters may stand still; leave it out",
        );
    }
    if belief.frozen_after_ms.is_some_and(|after_ms| after_ms < 3 * parameter.period_ms) {
        section.problem(
            "frozen_after_s",
            format!("must be at least three polls, {} s", seconds(3 * parameter.period_ms)),
        );
    }
    if belief.noise > 0.0 && belief.frozen_after_ms.is_none() {
        section.problem("noise", "says how little a frozen value moves: add frozen_after_s");
    }
    if belief.max_rate_per_s.is_some() && !is_measured {
        section.problem("max_rate_per_s", "is for measured numbers: leave it out");
    }
    if belief.torn_guard && !data_type.is_number_of_words() {
        section.problem(
            "torn_guard",
            format!(
                "{data_type} is no number of several registers and cannot be torn: leave it out"
            ),
        );
    }
    match belief.heartbeat_after_ms {
        Some(_) if *role != Role::Heartbeat => {
            section.problem("heartbeat_after_s", "belongs to a heartbeat: role = \"heartbeat\"");
        }
        Some(after_ms) if after_ms < 2 * parameter.period_ms => section.problem(
            "heartbeat_after_s",
            format!("must be at least two polls, {} s", seconds(2 * parameter.period_ms)),
        ),
        Some(_) | None => {}
    }
}

fn seconds(ms: u64) -> String {
    match ms % 1000 {
        0 => (ms / 1000).to_string(),
        rest => format!("{}.{rest:03}", ms / 1000),
    }
}
