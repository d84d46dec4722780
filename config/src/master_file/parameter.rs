//! `[[parameter]]` of a Master File.

use cellwatch_model::{Priority, UnitOfMeasure};

use super::Parameter;
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

/// What could be read of a parameter.
pub(super) struct ParameterText<'a> {
    pub(super) section: Section<'a>,
    pub(super) name: Option<String>,
    pub(super) range: Option<(f64, f64)>,
    /// The number, where one was written and can be read.
    pub(super) set_point: Option<f64>,
    pub(super) unit: Option<UnitOfMeasure>,
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
    // A day at most: older data is no watching.
    let stale_after_ms = section.must("stale_after_s", |age| age.duration_ms(1000, 0.1..=86_400.0));
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
    let known_name = name.clone();
    let whole = (|| {
        Some(Parameter {
            name: name?,
            unit: unit?,
            range: range?,
            set_point: set_point?,
            critical: critical?,
            stale_after_ms: stale_after_ms?,
            instrument_delay_ms: instrument_delay_ms?,
            instrument_response: instrument_response?,
            instrument_priority: instrument_priority?,
        })
    })();
    let set_point = set_point.flatten();
    ParameterText { section, name: known_name, range, set_point, unit, whole }
}
