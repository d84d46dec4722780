//! Reads a segment around what of it is damaged.

use rusqlite::OptionalExtension;

use super::JournalError;
use super::segment::{SEQ_MAX, Segment};
use super::survey::is_damage_cause;

impl Segment {
    /// Its batch records, ascending: sequence number and sealed bytes. By their index, without a walk through the others;
    /// one that is damaged itself is left out.
    pub(super) fn batches(&self) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare("SELECT seq FROM records INDEXED BY batches WHERE kind = 6")?;
            let seqs = statement.query_map([], |row| row.get::<_, i64>(0))?;
            seqs.map(|seq| seq.map(i64::cast_unsigned)).collect::<Result<Vec<_>, _>>()
        };
        let mut seqs = read().map_err(JournalError::sqlite(&self.path))?;
        seqs.sort_unstable();
        let found = seqs.into_iter().filter_map(|seq| self.first_stored(seq, seq).transpose());
        found.collect()
    }

    /// Gives what is stored from `first` to `last` in its order to `each`, until it says false.
    pub(super) fn stored_from(
        &self,
        first: u64,
        last: u64,
        mut each: impl FnMut(u64, Vec<u8>) -> bool,
    ) -> Result<(), JournalError> {
        let mut read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT seq, sealed FROM records WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
            )?;
            let mut rows =
                statement.query([first.cast_signed(), last.min(SEQ_MAX).cast_signed()])?;
            while let Some(row) = rows.next()? {
                if !each(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?) {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(JournalError::sqlite(&self.path))
    }

    /// The first of `first` to `last` that can be looked up, whatever of the pages around it is damaged.
    pub(super) fn first_stored(
        &self,
        first: u64,
        last: u64,
    ) -> Result<Option<(u64, Vec<u8>)>, JournalError> {
        let find = || {
            let _one_lock = self.connection.unchecked_transaction()?;
            let mut statement =
                self.connection.prepare_cached("SELECT sealed FROM records WHERE seq = ?1")?;
            for seq in first..=last.min(SEQ_MAX) {
                match statement.query_row([seq.cast_signed()], |row| row.get(0)).optional() {
                    Ok(None) => {}
                    Err(cause) if is_damage_cause(&cause) => {}
                    found => return Ok(found?.map(|sealed| (seq, sealed))),
                }
            }
            Ok(None)
        };
        find().map_err(JournalError::sqlite(&self.path))
    }
}
