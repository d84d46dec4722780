//! The last ten minutes of the values that tiles show, thinned out for a small line.
//!
//! Lines are kept between snapshots and read again in turns, so that a snapshot costs the same
//! whatever number of values there are, and a backlog that arrives late fills its gap.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_model::Utc;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::Tile;

/// Longest time that a trend shows, seconds.
pub const TREND_MAX_S: i64 = 600;
/// Points of a trend; each is the mean of the good and uncertain samples in its part of the time.
pub const TREND_POINTS: i64 = 60;
/// Most trends read for one snapshot; further ones wait for their turn and are shown as last read.
pub const TRENDS_PER_SNAPSHOT: usize = 64;
/// Most trends that are kept, in the order of the units; values beyond have none.
pub const TRENDS_MAX: usize = 1024;
/// Most samples read for one trend, newest first; the trend then begins later.
pub const TREND_SAMPLES_MAX: usize = 6_000;

/// Times that a trend may show, seconds: a young one is not squeezed into a corner.
const SPANS_S: [i64; 5] = [30, 60, 120, 300, TREND_MAX_S];
/// Configurations of a parameter that are looked back through: a start of the agent makes one.
const CONFIGURATIONS_MAX: usize = 8;
/// A pause of so many usual distances between samples is a gap.
const GAP_DISTANCES: i64 = 3;

/// A thinned-out line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// Time of the first point, milliseconds since 1970.
    pub from_ms: i64,
    /// Time that it may be shown over, seconds: 30, 60, 120, 300 or 600.
    pub span_s: i64,
    /// Milliseconds after the first point, and the value; none where the line is broken off.
    pub points: Vec<(i64, Option<f64>)>,
}

type Key = (String, String, String);

/// Trends kept between snapshots.
#[derive(Debug, Default)]
pub(super) struct Trends {
    lines: BTreeMap<Key, Line>,
    turn: u64,
}

#[derive(Debug, Default)]
struct Line {
    read_in_turn: u64,
    trend: Option<Trend>,
}

/// A sample of the last minutes: time in milliseconds since 1970, and its value where it has one.
type Sample = (i64, Option<f64>);

impl Trends {
    /// Fills the trends into the tiles, after reading those anew whose turn it is.
    pub(super) fn fill(
        &mut self,
        connection: &Connection,
        tiles: &mut [Tile],
        now: Utc,
    ) -> rusqlite::Result<()> {
        self.turn += 1;
        let rows = tiles.iter().flat_map(|tile| &tile.rows);
        let wanted: BTreeSet<Key> = rows
            .filter(|row| row.value.text.is_none() && row.value.word.is_none())
            .map(|row| key(&row.value))
            .take(TRENDS_MAX)
            .collect();
        self.lines.retain(|key, _| wanted.contains(key));
        for key in wanted {
            self.lines.entry(key).or_default();
        }
        let mut oldest: Vec<(u64, Key)> =
            self.lines.iter().map(|(key, line)| (line.read_in_turn, key.clone())).collect();
        oldest.sort();
        for (_, key) in oldest.into_iter().take(TRENDS_PER_SNAPSHOT) {
            let trend = thin(&samples(connection, &key, now)?, now);
            self.lines.insert(key, Line { read_in_turn: self.turn, trend });
        }
        for row in tiles.iter_mut().flat_map(|tile| &mut tile.rows) {
            row.trend = self.lines.get(&key(&row.value)).and_then(|line| line.trend.clone());
        }
        Ok(())
    }
}

fn key(value: &super::Value) -> Key {
    (value.agent.clone(), value.unit.clone(), value.parameter.clone())
}

/// The samples of the last minutes, oldest first.
fn samples(connection: &Connection, key: &Key, now: Utc) -> rusqlite::Result<Vec<Sample>> {
    let from_ms = now.0 / 1_000_000 - TREND_MAX_S * 1_000;
    // CROSS JOIN keeps the order of the tables: each step is a search in an index.
    let mut configurations = connection.prepare_cached(
        "SELECT p.journal_id, p.unit_id, p.parameter, p.since_seq,
           (SELECT min(q.since_seq) FROM parameters q
             WHERE q.journal_id = p.journal_id AND q.unit_id = p.unit_id
               AND q.parameter = p.parameter AND q.since_seq > p.since_seq) AS until_seq
           FROM agent_state a
           CROSS JOIN unit_state u ON u.agent_id = a.id AND u.unit = ?2
           CROSS JOIN journal_state j ON j.agent_id = a.id
           CROSS JOIN parameters p ON p.journal_id = j.id AND p.unit_id = u.id AND p.name = ?3
          WHERE a.agent = ?1
          ORDER BY j.last_received_ns DESC, p.since_seq DESC LIMIT ?4",
    )?;
    // The index orders by record, newest first, and so by time: the first sample that is too old ends it.
    let mut newest_first = connection.prepare_cached(
        "SELECT utc_ns / 1000000, CASE WHEN quality < 64 AND typeof(value) IN ('real', 'integer')
                                       THEN CAST(value AS REAL) END
           FROM readings WHERE journal_id = ?1 AND unit_id = ?2 AND parameter = ?3
            AND seq >= ?4 AND seq < ?5 ORDER BY seq DESC, sample DESC",
    )?;
    let (agent, unit, parameter) = key;
    let limit = i64::try_from(CONFIGURATIONS_MAX).unwrap_or(i64::MAX);
    let mut found = configurations.query(params![agent, unit, parameter, limit])?;
    let mut samples = Vec::new();
    while let Some(row) = found.next()? {
        let part: (i64, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let until: Option<i64> = row.get(4)?;
        let until = until.unwrap_or(i64::MAX);
        let mut rows = newest_first.query(params![part.0, part.1, part.2, part.3, until])?;
        while let Some(row) = rows.next()? {
            let sample: Sample = (row.get(0)?, row.get(1)?);
            if sample.0 < from_ms || samples.len() >= TREND_SAMPLES_MAX {
                break;
            }
            samples.push(sample);
        }
    }
    samples.sort_by_key(|(at_ms, _)| *at_ms);
    Ok(samples)
}

/// The line through samples that are ordered by time; none where there is no value in them.
pub(super) fn thin(samples: &[Sample], now: Utc) -> Option<Trend> {
    let oldest_ms = samples.first()?.0;
    let age_s = (now.0 / 1_000_000 - oldest_ms) / 1_000;
    let span_s = SPANS_S.into_iter().find(|span| *span >= age_s).unwrap_or(TREND_MAX_S);
    let step_ms = span_s * 1_000 / TREND_POINTS;
    // Counted from 1970, so that a point keeps its samples from one snapshot to the next.
    let mut parts: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    for (at_ms, value) in samples {
        parts.entry(at_ms.div_euclid(step_ms)).or_default().push(*value);
    }
    let first = *parts.keys().next()?;
    let gap = gap_of(parts.keys().copied());
    let mut points: Vec<(i64, Option<f64>)> = Vec::new();
    let mut before = first;
    for (part, values) in parts {
        let offset_ms = |part: i64| (part - first) * step_ms;
        if part - before > gap {
            points.push((offset_ms(before + 1), None));
        }
        points.push((offset_ms(part), mean(&values)));
        before = part;
    }
    points.dedup_by(|next, last| next.1.is_none() && last.1.is_none());
    let any = points.iter().any(|(_, value)| value.is_some());
    any.then_some(Trend { from_ms: first * step_ms, span_s, points })
}

/// The longest distance between two parts that is no gap.
fn gap_of(parts: impl Iterator<Item = i64> + Clone) -> i64 {
    let mut distances: Vec<i64> =
        parts.clone().zip(parts.skip(1)).map(|(one, next)| next - one).collect();
    distances.sort_unstable();
    let usual = distances.get(distances.len() / 2).copied().unwrap_or(1);
    GAP_DISTANCES * usual
}

/// None where there is no value among them. Six digits are more than a small line shows.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let (sum, count) =
        values.iter().flatten().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count == 0.0 { None } else { format!("{:.5e}", sum / count).parse().ok() }
}

#[cfg(test)]
mod tests;
