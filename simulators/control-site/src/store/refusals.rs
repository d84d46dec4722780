//! Evidence of what was refused, bounded.

use cellwatch_record::sha256;
use rusqlite::{Connection, params};

use super::StoreError;
use super::shelf::integer;
use crate::intake::Refusal;

/// Most refusals whose evidence is kept. Beyond, they are only counted, one row for each
/// reason: a flood of forgeries must not fill the disk.
pub const REFUSALS_KEPT_MAX: i64 = 100_000;
/// Most bytes of evidence in one row; the SHA-256 is of the whole.
const EVIDENCE_MAX: usize = 64 * 1024;

/// Writes a refusal. The same bytes for the same reason are counted in one row.
pub(super) fn write(
    connection: &Connection,
    kept: &mut i64,
    refusal: &Refusal,
) -> Result<(), StoreError> {
    let keep = *kept < REFUSALS_KEPT_MAX;
    let hash = sha256(&refusal.evidence);
    let evidence = refusal.evidence.get(..EVIDENCE_MAX).unwrap_or(&refusal.evidence);
    let (agent, hash, evidence): (&str, &[u8], Option<&[u8]>) = if keep {
        (refusal.agent.as_deref().unwrap_or_default(), &hash.0, Some(evidence))
    } else {
        ("", &[], None)
    };
    let counted = connection
        .prepare_cached(
            "UPDATE refusals SET count = count + 1, last_received_ns = ?4
             WHERE reason = ?1 AND agent = ?2 AND sha256 = ?3",
        )?
        .execute(params![refusal.reason.word(), agent, hash, refusal.received.0])?;
    if counted > 0 {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO refusals (reason, agent, journal, seq, topic, detail, sha256, evidence,
               received_ns, last_received_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        )?
        .execute(params![
            refusal.reason.word(),
            agent,
            refusal.journal,
            refusal.seq.map(integer),
            refusal.topic,
            refusal.detail,
            hash,
            evidence,
            refusal.received.0,
        ])?;
    *kept += i64::from(keep);
    Ok(())
}
