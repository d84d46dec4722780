//! Seals of batches, what the stored records make of them, and what was answered.

use cellwatch_model::Utc;
use cellwatch_record::{
    BatchSeal, BatchTree, Completeness, CompletenessReceipt, Hash, JournalId, Kind,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::shelf::{Place, integer};
use super::{Shelf, StoreError};
use crate::intake::JournalKey;
use crate::receipts::PendingSeal;
use crate::tools::record_json::seal_to_json;

/// Keeps the seal of a batch.
pub(super) fn write(
    place: &Place<'_>,
    batch: &str,
    seal: &BatchSeal,
    hash: Hash,
) -> Result<(), StoreError> {
    place
        .connection
        .prepare_cached(
            "INSERT INTO batch_seals (journal_id, seq, unit, batch, first, last, root, counts,
               payload_hash, received_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            place.journal_id,
            integer(place.common.identity.seq),
            place.common.unit,
            batch,
            integer(seal.first),
            integer(seal.last),
            seal.root.0,
            seal_to_json(seal)["counts"].to_string(),
            hash.0,
            place.received.0,
        ])?;
    Ok(())
}

/// The agent has recorded the answer to the seal `seq`.
pub(super) fn confirm(place: &Place<'_>, seq: i64) -> Result<(), StoreError> {
    place
        .connection
        .prepare_cached("UPDATE batch_seals SET confirmed = 1 WHERE journal_id = ?1 AND seq = ?2")?
        .execute(params![place.journal_id, seq])?;
    Ok(())
}

/// What the records of a journal that are stored make of a batch, in the order of their sequence numbers.
///
/// # Errors
/// The database cannot be read.
pub fn tree_of(
    connection: &Connection,
    journal_id: i64,
    seal: &PendingSeal,
) -> Result<BatchTree, StoreError> {
    let mut rows = connection.prepare_cached(
        "SELECT seq, kind, unit, payload_hash FROM records
          WHERE journal_id = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
    )?;
    let mut rows =
        rows.query(params![journal_id, integer(seal.first), integer(seal.seq.saturating_sub(1))])?;
    let mut tree = BatchTree::new(&seal.unit, &seal.batch, seal.first);
    while let Some(row) = rows.next()? {
        let (seq, word): (i64, String) = (row.get(0)?, row.get(1)?);
        let unit: Option<String> = row.get(2)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
        let kind = kind.ok_or_else(|| StoreError::Damaged(format!("a record of kind {word}")))?;
        tree.take(seq.cast_unsigned(), kind, unit.as_deref(), Hash(row.get(3)?));
    }
    Ok(tree)
}

fn pending(row: &Row<'_>) -> rusqlite::Result<PendingSeal> {
    let natural = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    Ok(PendingSeal {
        seq: natural(0)?,
        unit: row.get(1)?,
        batch: row.get(2)?,
        first: natural(3)?,
        last: natural(4)?,
        hash: Hash(row.get(5)?),
    })
}

impl Shelf {
    /// Every seal whose answer the agent has not confirmed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn pending_seals(&self) -> Result<Vec<(JournalKey, PendingSeal)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT s.seq, s.unit, s.batch, s.first, s.last, s.payload_hash, a.agent, j.journal
               FROM batch_seals s JOIN journal_state j ON j.id = s.journal_id
               JOIN agent_state a ON a.id = j.agent_id
              WHERE s.confirmed = 0 ORDER BY s.journal_id, s.seq",
        )?;
        let rows = rows.query_map([], |row| {
            Ok(((row.get::<_, String>(6)?, JournalId(row.get(7)?)), pending(row)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sets the stored records beside a seal of which none is missing: whether they make what it says, and their root.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn judge_seal(
        &mut self,
        (agent, journal): &JournalKey,
        seal: &PendingSeal,
    ) -> Result<(Completeness, Hash), StoreError> {
        let said: Option<(i64, Vec<u8>, String)> = self
            .connection
            .prepare_cached(
                "SELECT s.journal_id, s.root, s.counts FROM batch_seals s
                   JOIN journal_state j ON j.id = s.journal_id
                   JOIN agent_state a ON a.id = j.agent_id
                  WHERE a.agent = ?1 AND j.journal = ?2 AND s.seq = ?3",
            )?
            .query_row(params![agent, journal.0, integer(seal.seq)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((journal_id, root, counts)) = said else {
            return Err(StoreError::Damaged(format!("seq {} is no seal of a batch", seal.seq)));
        };
        let made = tree_of(&self.connection, journal_id, seal)?.seal();
        let counted = seal_to_json(&made)["counts"].to_string();
        let same = made.root.0[..] == root[..] && made.last == seal.last && counted == counts;
        let found = if same { Completeness::Complete } else { Completeness::Contradicts };
        Ok((found, made.root))
    }

    /// Keeps what is about to be said of a seal.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn keep_completeness(
        &mut self,
        receipt: &CompletenessReceipt,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        let Utc(issued) = receipt.issued;
        let missing: Vec<_> =
            receipt.missing.iter().map(|range| json!([range.first, range.last])).collect();
        self.connection
            .prepare_cached(
                "UPDATE batch_seals SET found = ?4, missing = ?5, issued_ns = ?6, sealed = ?7
                  WHERE seq = ?3 AND journal_id = (
                    SELECT j.id FROM journal_state j JOIN agent_state a ON a.id = j.agent_id
                     WHERE a.agent = ?1 AND j.journal = ?2)",
            )?
            .execute(params![
                receipt.agent,
                receipt.journal.0,
                integer(receipt.seal_seq),
                receipt.found.word(),
                json!(missing).to_string(),
                issued,
                sealed,
            ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
