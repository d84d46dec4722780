//! What a foreign server serves, and what arrives of it.

use rusqlite::types::Value as Sql;
use serde_json::Value;

use crate::ControlSite;

/// Whether the newest value of a unit at the Control Site is the one that a server serves: an entry of a file of
/// `foreign/`.
///
/// # Errors
/// It is not: what is there.
///
/// # Panics
/// The entry is none.
pub fn as_served(control_site: &ControlSite, unit: &str, one: &Value) -> Result<(), String> {
    let name = one["name"].as_str().expect("a name");
    let rows = control_site.rows(&format!(
        "SELECT quality_words, unit_of_measure, value, text FROM latest_values WHERE unit = '{unit}' AND parameter = '{name}'"
    ));
    let Some([Sql::Text(quality), Sql::Text(measure), value, text]) =
        rows.first().map(Vec::as_slice)
    else {
        return Err(format!("{name}: {rows:?}; {}", control_site.state()));
    };
    if is_same(&one["expect"], value, text)
        && one["quality"] == quality.as_str()
        && one["unit"] == measure.as_str()
    {
        Ok(())
    } else {
        Err(format!("{name}: {value:?} {text:?} {measure}, {quality}, instead of {one}"))
    }
}

/// Asserts that every value of a device that the Control Site has as good is the one that a server served, which never
/// changed it: an entry of a file of `foreign/`. Gives how many values there are.
///
/// # Panics
/// Another one is there, or none where there should be one.
pub fn only_served(control_site: &ControlSite, device: &str, one: &Value) -> u64 {
    let name = one["name"].as_str().expect("a name");
    let rows = control_site.rows(&format!(
        "SELECT value, text, count(*) FROM readings JOIN parameters USING (journal_id, unit_id, parameter)
           WHERE device = '{device}' AND name = '{name}' AND quality = 0 GROUP BY value, text"
    ));
    let is_served = |row: &Vec<Sql>| is_same(&one["expect"], &row[0], &row[1]);
    assert!(rows.iter().all(is_served), "good values of {device}: {rows:?}, served was {one}");
    assert_eq!(rows.is_empty(), one["quality"] != "good", "{device}: {rows:?}, served was {one}");
    rows.iter()
        .map(|row| if let Sql::Integer(count) = row[2] { count.unsigned_abs() } else { 0 })
        .sum()
}

fn is_same(expected: &Value, value: &Sql, text: &Sql) -> bool {
    match (expected, value, text) {
        (Value::Null, Sql::Null, Sql::Null) => true,
        (Value::String(expected), Sql::Null, Sql::Text(text)) => expected == text,
        (Value::Number(expected), Sql::Integer(value), Sql::Null) if expected.is_i64() => {
            expected.as_i64() == Some(*value)
        }
        (Value::Number(expected), Sql::Real(value), Sql::Null) => {
            expected.as_f64().map(f64::to_bits) == Some(value.to_bits())
        }
        // SQLite keeps a number without a fraction as a whole one.
        (Value::Number(expected), Sql::Integer(value), Sql::Null) => {
            expected.as_f64().is_some_and(|expected| format!("{expected:.0}") == value.to_string())
        }
        _ => false,
    }
}
