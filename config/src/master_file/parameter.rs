//! `[[parameter]]` of a Master File.

use cellwatch_model::{Priority, UnitOfMeasure};

use super::{Entry, Parameter};
use crate::reader::{Section, Value, Word};
use crate::site::{NAME, name_ok};

impl Word for Priority {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("critical", Self::Critical),
        ("high", Self::High),
        ("medium", Self::Medium),
        ("low", Self::Low),
    ];
}

impl Word for Entry {
    const WORDS: &'static [(&'static str, Self)] =
        &[("device", Self::Device), ("manual", Self::Manual)];
}

/// Oldest value that still says something of a polled parameter, seconds: a day.
const DEVICE_OLDEST_S: f64 = 86_400.0;

/// Oldest result of a sample that still says something, seconds: two weeks, longer than any culture goes without one.
const MANUAL_OLDEST_S: f64 = 1_209_600.0;

/// What could be read of a parameter.
pub(super) struct ParameterText<'a> {
    pub(super) section: Section<'a>,
    pub(super) name: Option<String>,
    pub(super) range: Option<(f64, f64)>,
    /// The number, where one was written and can be read.
    pub(super) set_point: Option<f64>,
    pub(super) unit: Option<UnitOfMeasure>,
    pub(super) entry: Option<Entry>,
    pub(super) critical: Option<bool>,
    pub(super) max_rate_per_min: Option<f64>,
    whole: Option<Parameter>,
}

impl ParameterText<'_> {
    pub(super) fn build(self) -> Option<Parameter> {
        self.whole
    }
}

pub(super) fn parameters<'a>(root: &Section<'a>) -> Vec<ParameterText<'a>> {
    let sections = root.tables("parameter", "name");
    if sections.is_empty() {
        root.problem("parameter", "there is no [[parameter]]: add what is to be judged");
    }
    sections.into_iter().map(parameter).collect()
}

fn parameter(section: Section<'_>) -> ParameterText<'_> {
    let name = section.must("name", |name| name.name(NAME, name_ok));
    let unit = section.must("unit", Value::parsed::<UnitOfMeasure>);
    let range = section.must("range", Value::range);
    let set_point = section.maybe("set_point", Value::number);
    let critical = section.or("critical", false, Value::boolean);
    let entry = section.or("entry", Entry::Device, Value::word);
    let is_manual = entry == Some(Entry::Manual);
    let oldest_s = if is_manual { MANUAL_OLDEST_S } else { DEVICE_OLDEST_S };
    let age = |age: &Value<'_>| age.duration_ms(1000, 0.1..=oldest_s);
    let stale_after_ms = section.must("stale_after_s", age);
    let sampling_ms = section.maybe("sampling_s", age);
    let max_rate_per_min = section.maybe("max_rate_per_min", max_rate);
    let second_person =
        section.or("second_person", is_manual && critical == Some(true), Value::boolean);
    let instrument_delay_ms =
        section.or("instrument_delay_s", 10_000, |delay| delay.duration_ms(1000, 0.0..=3600.0));
    let instrument_response = section.must("instrument_response", Value::text);
    let instrument_priority = section.or("instrument_priority", Priority::Medium, Value::word);
    section.finish();
    if let (Some((low, high)), Some(Some(number))) = (range, set_point)
        && !(low..=high).contains(&number)
    {
        section.problem("set_point", format!("{number} lies outside the range [{low}, {high}]"));
    }
    if let (Some(stale), Some(Some(sampling))) = (stale_after_ms, sampling_ms)
        && stale < sampling
    {
        section.problem(
            "stale_after_s",
            "is below sampling_s: each value would be stale before the next is due",
        );
    }
    match entry {
        Some(Entry::Device) if second_person == Some(true) => section.problem(
            "second_person",
            "a device enters nothing: only for entry = \"manual\"; leave it out",
        ),
        Some(Entry::Manual) if matches!(max_rate_per_min, Some(Some(_))) => section.problem(
            "max_rate_per_min",
            "samples hours apart show no rate: only for entry = \"device\"; leave it out",
        ),
        Some(Entry::Device | Entry::Manual) | None => {}
    }
    let known_name = name.clone();
    let whole = (|| {
        Some(Parameter {
            name: name?,
            entry: entry?,
            unit: unit?,
            range: range?,
            set_point: set_point?,
            critical: critical?,
            stale_after_ms: stale_after_ms?,
            sampling_ms: sampling_ms?,
            max_rate_per_min: max_rate_per_min?,
            second_person: second_person?,
            instrument_delay_ms: instrument_delay_ms?,
            instrument_response: instrument_response?,
            instrument_priority: instrument_priority?,
        })
    })();
    let (set_point, max_rate_per_min) = (set_point.flatten(), max_rate_per_min.flatten());
    ParameterText {
        section,
        name: known_name,
        range,
        set_point,
        unit,
        entry,
        critical,
        max_rate_per_min,
        whole,
    }
}

fn max_rate(rate: &Value<'_>) -> Option<f64> {
    let number = rate.number()?;
    if number > 0.0 {
        return Some(number);
    }
    rate.problem(format!("{number} is not above 0: no value could ever change"))
}
