//! Changes of alarms, and the signed summaries of those that stand.

use cellwatch_model::AlarmTransition;
use cellwatch_record::AlarmChange;
use rusqlite::{Connection, params};

use super::StoreError;
use super::shelf::{Place, integer};
use crate::intake::CheckedSummary;

const NS_PER_MS: f64 = 1e6;

/// Writes one change, and makes it the alarm's newest if it is.
pub(super) fn write_change(place: &Place<'_>, change: &AlarmChange) -> Result<(), StoreError> {
    let common = place.common;
    let at = place.utc_of(change.at);
    #[allow(clippy::cast_precision_loss)] // latencies lie far below 2^53 ns
    let latency_ms = place.received.0.saturating_sub(at) as f64 / NS_PER_MS;
    let seq = integer(common.identity.seq);
    place
        .connection
        .prepare_cached(
            "INSERT INTO alarms (journal_id, seq, agent_id, unit, batch, phase, alarm, source, kind,
               transition, state, priority, occurrence, at_ns, utc_ns, value, \"limit\", quality,
               quality_words, person, role, comment, live, received_ns, latency_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
               ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
        )?
        .execute(params![
            place.journal_id,
            seq,
            place.agent_id,
            common.unit,
            common.batch,
            common.phase,
            change.alarm,
            change.source,
            change.kind.word(),
            change.transition.word(),
            change.state.word(),
            change.priority.code(),
            change.occurrence,
            at,
            common.utc.0,
            change.value,
            change.limit,
            change.quality.code(),
            change.quality.to_string(),
            change.person.as_ref().map(|person| &person.name),
            change.person.as_ref().map(|person| &person.role),
            change.comment,
            place.live,
            place.received.0,
            latency_ms,
        ])?;
    let raised = (change.transition == AlarmTransition::Raised).then_some(at);
    place
        .connection
        .prepare_cached(
            "INSERT INTO alarm_latest (agent_id, unit, alarm, source, journal_id, seq, utc_ns, raised_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (agent_id, unit, alarm, source) DO UPDATE SET
               journal_id = excluded.journal_id, seq = excluded.seq, utc_ns = excluded.utc_ns,
               raised_ns = coalesce(excluded.raised_ns, raised_ns)
             WHERE (CASE WHEN journal_id = excluded.journal_id THEN seq < excluded.seq
                         ELSE utc_ns <= excluded.utc_ns END)",
        )?
        .execute(params![
            place.agent_id,
            common.unit.as_deref().unwrap_or_default(),
            change.alarm,
            change.source,
            place.journal_id,
            seq,
            common.utc.0,
            raised,
        ])?;
    Ok(())
}

/// Writes a summary if it is newer than the one that is held.
pub(super) fn write_summary(
    connection: &Connection,
    agent_id: i64,
    journal_id: i64,
    checked: &CheckedSummary,
) -> Result<(), StoreError> {
    let summary = &checked.summary;
    let changed = connection
        .prepare_cached(
            "INSERT INTO summary_latest (agent_id, unit, journal_id, as_of_seq, utc_ns, received_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (agent_id, unit) DO UPDATE SET
               journal_id = excluded.journal_id, as_of_seq = excluded.as_of_seq,
               utc_ns = excluded.utc_ns, received_ns = excluded.received_ns
             WHERE (CASE WHEN journal_id = excluded.journal_id THEN as_of_seq < excluded.as_of_seq
                         ELSE utc_ns < excluded.utc_ns END)",
        )?
        .execute(params![
            agent_id,
            summary.unit,
            journal_id,
            integer(summary.as_of_seq),
            summary.utc.0,
            checked.received.0,
        ])?;
    if changed == 0 {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM summary_alarms WHERE agent_id = ?1 AND unit = ?2")?
        .execute(params![agent_id, summary.unit])?;
    for alarm in &summary.standing {
        let since_ns = summary.mono.0.cast_signed().wrapping_sub(alarm.raised.0.cast_signed());
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO summary_alarms (agent_id, unit, alarm, source, state,
                   priority, raised_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                agent_id,
                summary.unit,
                alarm.alarm,
                alarm.source,
                alarm.state.word(),
                alarm.priority.code(),
                summary.utc.0.saturating_sub(since_ns),
            ])?;
    }
    Ok(())
}
