//! The keys that have sealed each journal, and how one changed to the next: kept as evidence.

use std::collections::BTreeMap;

use cellwatch_record::JournalId;
use cellwatch_seal::KeyId;
use rusqlite::params;

use super::shelf::{Place, integer};
use super::{Shelf, StoreError};
use crate::intake::{CheckedRecord, JournalKey, JournalKeys};

/// Writes what an accepted record says of keys.
pub(super) fn write(place: &Place<'_>, checked: &CheckedRecord) -> Result<(), StoreError> {
    let seq = integer(place.common.identity.seq);
    place
        .connection
        .prepare_cached(
            "INSERT INTO journal_keys (journal_id, key_id, first_seq, received_ns) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET first_seq = min(first_seq, ?3)",
        )?
        .execute(params![place.journal_id, checked.key.0, seq, place.received.0])?;
    if let Some(rotation) = checked.rotation {
        place
            .connection
            .prepare_cached(
                "UPDATE journal_keys SET rotated_seq = ?3, successor = ?4
                  WHERE journal_id = ?1 AND key_id = ?2 AND (rotated_seq IS NULL OR rotated_seq > ?3)",
            )?
            .execute(params![place.journal_id, checked.key.0, seq, rotation.new.id().0])?;
    }
    Ok(())
}

impl Shelf {
    /// The keys of every journal, as far as it is committed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn journal_keys(&self) -> Result<BTreeMap<JournalKey, JournalKeys>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT a.agent, j.journal, k.key_id, k.first_seq, k.rotated_seq
               FROM journal_keys k JOIN journal_state j ON j.id = k.journal_id
               JOIN agent_state a ON a.id = j.agent_id",
        )?;
        let mut rows = rows.query([])?;
        let mut all: BTreeMap<JournalKey, JournalKeys> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let key = (row.get(0)?, JournalId(row.get(1)?));
            let (id, first): ([u8; 8], i64) = (row.get(2)?, row.get(3)?);
            let rotated: Option<i64> = row.get(4)?;
            let keys = all.entry(key).or_default();
            keys.resume(KeyId(id), first.cast_unsigned(), rotated.map(i64::cast_unsigned));
        }
        Ok(all)
    }

    /// A record of a journal after `seq` that this key has sealed, if any is held.
    pub(super) fn sealed_after(
        &self,
        journal_id: i64,
        seq: u64,
        key: KeyId,
    ) -> Result<Option<u64>, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT seq, sealed FROM records WHERE journal_id = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = rows.query(params![journal_id, integer(seq)])?;
        while let Some(row) = rows.next()? {
            let sealed = row.get_ref(1)?.as_blob().unwrap_or_default();
            if cellwatch_seal::open(sealed).is_ok_and(|sealed| sealed.key_id() == key) {
                let seq: i64 = row.get(0)?;
                return Ok(Some(seq.cast_unsigned()));
            }
        }
        Ok(None)
    }
}
