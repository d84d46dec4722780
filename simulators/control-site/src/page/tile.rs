//! What a unit's tile shows, and where: process values large, their set-points beside them, what the
//! device says of itself in one quiet line. Bounded, so that a snapshot is.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::rows::{Alarm, Value};
use super::trend::Trend;

/// Most values that a tile shows in full. Alarmed, bad and uncertain ones go first, then process
/// values in the order of the profile; the others are counted.
pub const TILE_ROWS_MAX: usize = 24;
/// Most values in a tile's quiet line; further ones are counted.
pub const TILE_ASIDE_MAX: usize = 12;

/// What a unit's tile shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tile {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// Unit.
    pub unit: String,
    /// Values shown in full.
    pub rows: Vec<TileRow>,
    /// The quiet line: heartbeat, serial number, states of the device, set-points of nothing shown.
    pub aside: Vec<Value>,
    /// The phase that the device says it is in.
    pub phase: Option<Value>,
    /// How many values are not shown.
    pub more: usize,
    /// Of these, how many have no reading.
    pub more_without_reading: usize,
}

/// A value shown in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TileRow {
    /// The value.
    #[serde(flatten)]
    pub value: Value,
    /// The set-point that belongs to it by name.
    pub set_point: Option<Value>,
    /// The last minutes.
    pub trend: Option<Trend>,
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Row,
    SetPoint,
    Phase,
    Aside,
}

/// Reads the tiles of all units, by site, agent and unit; trends are not filled in yet.
pub(super) fn tiles(connection: &Connection, alarms: &[Alarm]) -> rusqlite::Result<Vec<Tile>> {
    let alarmed: BTreeSet<(&str, Option<&str>, &str)> = alarms
        .iter()
        .map(|alarm| (alarm.agent.as_str(), alarm.unit.as_deref(), alarm.source.as_str()))
        .collect();
    let is_alarmed = |value: &Value| {
        alarmed.contains(&(&value.agent, Some(value.unit.as_str()), &value.parameter))
    };
    let mut statement = connection.prepare_cached(Value::SQL)?;
    let mut rows = statement.query(params![None::<String>, None::<String>])?;
    let mut tiles = Vec::new();
    // The values of one unit at a time: there may be far more than are shown.
    let mut unit: Vec<Value> = Vec::new();
    while let Some(row) = rows.next()? {
        let value = Value::read(row)?;
        if unit.first().is_some_and(|one| (&one.agent, &one.unit) != (&value.agent, &value.unit)) {
            tiles.extend(arrange(std::mem::take(&mut unit), is_alarmed));
        }
        unit.push(value);
    }
    tiles.extend(arrange(unit, is_alarmed));
    Ok(tiles)
}

/// The tile of one unit's values; none without values.
pub(super) fn arrange(values: Vec<Value>, is_alarmed: impl Fn(&Value) -> bool) -> Option<Tile> {
    let first = values.first()?;
    let (site, agent, unit) = (first.site.clone(), first.agent.clone(), first.unit.clone());
    let mut tile = Tile { site, agent, unit, ..Tile::default() };
    let urgent = |value: &Value| is_alarmed(value) || value.quality != 0 || value.no_reading();
    let mut rows = Vec::new();
    let mut set_points = Vec::new();
    let mut aside = Vec::new();
    for value in values {
        match place(&value, urgent(&value)) {
            Place::Row => rows.push(value),
            Place::SetPoint => set_points.push(value),
            Place::Phase if tile.phase.is_none() => tile.phase = Some(value),
            Place::Phase | Place::Aside => aside.push(value),
        }
    }
    // Process values keep their places whatever happens to them; the urgent others follow.
    rows.sort_by_key(|value| !is_process(value));
    let (shown, hidden) = first_ones(rows, &is_alarmed, urgent);
    tile.rows = shown
        .into_iter()
        .map(|value| {
            let of = set_points.iter().position(|one| belongs(&one.parameter, &value.parameter));
            TileRow { set_point: of.map(|of| set_points.remove(of)), value, trend: None }
        })
        .collect();
    let stems: BTreeSet<&str> = hidden.iter().map(|value| stem(&value.parameter)).collect();
    let (set_points_hidden, set_points): (Vec<_>, Vec<_>) = set_points
        .into_iter()
        .partition(|one| one.parameter.strip_suffix(".SP").is_some_and(|of| stems.contains(of)));
    aside.extend(set_points);
    let aside_hidden = aside.split_off(aside.len().min(TILE_ASIDE_MAX));
    tile.aside = aside;
    tile.more = hidden.len() + set_points_hidden.len() + aside_hidden.len();
    tile.more_without_reading = hidden.iter().filter(|value| value.no_reading()).count();
    Some(tile)
}

/// The values that are shown, in their order, and the others.
fn first_ones(
    rows: Vec<Value>,
    is_alarmed: impl Fn(&Value) -> bool,
    urgent: impl Fn(&Value) -> bool,
) -> (Vec<Value>, Vec<Value>) {
    let rank = |value: &Value| match (is_alarmed(value), urgent(value)) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|index| rank(&rows[*index]));
    let taken: BTreeSet<usize> = order.into_iter().take(TILE_ROWS_MAX).collect();
    let (shown, hidden): (Vec<_>, Vec<_>) =
        rows.into_iter().enumerate().partition(|(index, _)| taken.contains(index));
    let values = |pairs: Vec<(usize, Value)>| pairs.into_iter().map(|(_, value)| value).collect();
    (values(shown), values(hidden))
}

/// A process value proper: no state of the device, which has words.
fn is_process(value: &Value) -> bool {
    value.part.as_deref().is_none_or(|part| part == "process") && value.word.is_none()
}

fn place(value: &Value, urgent: bool) -> Place {
    match value.part.as_deref() {
        _ if urgent || is_process(value) => Place::Row,
        Some("set-point") => Place::SetPoint,
        Some("phase") => Place::Phase,
        Some(_) | None => Place::Aside,
    }
}

/// True where `TEMP.SP` is the set-point of `TEMP.PV` or `TEMP`.
fn belongs(set_point: &str, process: &str) -> bool {
    set_point.strip_suffix(".SP") == Some(stem(process))
}

fn stem(process: &str) -> &str {
    process.strip_suffix(".PV").unwrap_or(process)
}

#[cfg(test)]
mod tests;
