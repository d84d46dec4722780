//! `state.db`: the little that changes. What counts is in the journal; this saves a start from
//! reading it all, and survives a journal that is lost.
//!
//! One table of keys and values, `synchronous=FULL`. A lost last write is harmless: a receipt is
//! repeated by the Control Site, an accepted Master File is offered again from its file.

mod keeper;
mod kept;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use cellwatch_record::JournalId;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::journal::{JournalError, Known};

pub use keeper::{Keep, Keeper};
pub use kept::{AcceptedMasterFile, KeptRoster};

/// The open file.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    path: PathBuf,
}

impl State {
    /// Opens `state.db` in `data_dir`, or makes it.
    ///
    /// # Errors
    /// The disk or SQLite refuses.
    pub fn open(data_dir: &Path) -> Result<Self, JournalError> {
        let path = data_dir.join("state.db");
        let connection = Connection::open(&path).map_err(JournalError::sqlite(&path))?;
        connection
            .execute_batch(
                "PRAGMA busy_timeout=5000; PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;
                 CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;",
            )
            .map_err(JournalError::sqlite(&path))?;
        Ok(Self { connection, path })
    }

    /// Opens it to read only; none where there is none.
    ///
    /// # Errors
    /// The disk or SQLite refuses.
    pub fn open_to_read(data_dir: &Path) -> Result<Option<Self>, JournalError> {
        let path = data_dir.join("state.db");
        if !path.exists() {
            return Ok(None);
        }
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(JournalError::sqlite(&path))?;
        Ok(Some(Self { connection, path }))
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.connection
            .query_row("SELECT value FROM state WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(JournalError::sqlite(&self.path))
    }

    /// What stands under keys that begin with `prefix`.
    fn all_under(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT key, value FROM state WHERE substr(key, 1, length(?1)) = ?1",
            )?;
            let rows = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<Vec<_>, rusqlite::Error>>()
        };
        read().map_err(JournalError::sqlite(&self.path))
    }

    fn set(&self, values: &[(&str, &[u8])]) -> Result<(), JournalError> {
        self.replace(None, values)
    }

    /// Writes `values`, all or none; what stands under `instead_of` and is not among them goes.
    fn replace(
        &self,
        instead_of: Option<&str>,
        values: &[(&str, &[u8])],
    ) -> Result<(), JournalError> {
        let write = || {
            let transaction = self.connection.unchecked_transaction()?;
            if let Some(prefix) = instead_of {
                transaction
                    .prepare_cached("DELETE FROM state WHERE substr(key, 1, length(?1)) = ?1")?
                    .execute([prefix])?;
            }
            for (key, value) in values {
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO state VALUES (?1, ?2)")?
                    .execute(params![key, value])?;
            }
            transaction.commit()
        };
        write().map_err(JournalError::sqlite(&self.path))
    }

    fn number(&self, key: &str) -> Result<u64, JournalError> {
        let value = self.get(key)?.and_then(|value| <[u8; 8]>::try_from(value).ok());
        Ok(value.map_or(0, u64::from_be_bytes))
    }

    /// Counts this start; the first is 1.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn count_start(&self) -> Result<u32, JournalError> {
        let boot = u32::try_from(self.number("boot")?).unwrap_or(u32::MAX).saturating_add(1);
        self.set(&[("boot", &u64::from(boot).to_be_bytes())])?;
        Ok(boot)
    }

    /// True if `boot_id`, which the kernel makes anew at each boot of the machine, is that of the last
    /// start; keeps it for the next.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn is_same_machine_boot(&self, boot_id: &str) -> Result<bool, JournalError> {
        let same =
            !boot_id.is_empty() && self.get("boot_id")?.as_deref() == Some(boot_id.as_bytes());
        self.set(&[("boot_id", boot_id.as_bytes())])?;
        Ok(same)
    }

    /// The journal of the last start, and how far it is receipted.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn known(&self) -> Result<Known, JournalError> {
        let journal = self.get("journal")?.and_then(|id| id.try_into().ok()).map(JournalId);
        let given_up = self.get("given_up")?;
        let given_up = journal.is_some_and(|id| given_up.as_deref() == Some(&id.0[..]));
        let forked = match journal {
            Some(journal) => self.fork(journal)?.is_some(),
            None => false,
        };
        Ok(Known { journal, receipt_through: self.number("receipt_through")?, given_up, forked })
    }

    /// Keeps that `journal` is not to be gone on with; with `fork`, because the Control Site may have other records of it
    /// from there on.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn give_up(&self, journal: JournalId, fork: Option<u64>) -> Result<(), JournalError> {
        let (key, first) = (format!("former_fork/{journal}"), fork.unwrap_or(0).to_be_bytes());
        let mut values: Vec<(&str, &[u8])> =
            vec![("journal", &journal.0), ("given_up", &journal.0)];
        values.extend(fork.map(|_| (key.as_str(), first.as_slice())));
        self.set(&values)
    }

    /// From which record on the Control Site may have others of a journal.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn fork(&self, journal: JournalId) -> Result<Option<u64>, JournalError> {
        let first = self.get(&format!("former_fork/{journal}"))?;
        Ok(first.and_then(|value| <[u8; 8]>::try_from(value).ok()).map(u64::from_be_bytes))
    }

    /// Keeps that the Control Site may have other records of a journal that was set aside, from `first` on.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_fork(&self, journal: JournalId, first: u64) -> Result<(), JournalError> {
        self.set(&[(&format!("former_fork/{journal}"), &first.to_be_bytes())])
    }

    /// What of a journal that was set aside is on record as lost: first and last records.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn lost(&self, journal: JournalId) -> Result<Vec<(u64, u64)>, JournalError> {
        let prefix = format!("former_lost/{journal}/");
        let range = |(key, last): (String, Vec<u8>)| {
            let first = key.strip_prefix(&prefix)?.parse().ok()?;
            Some((first, u64::from_be_bytes(last.try_into().ok()?)))
        };
        Ok(self.all_under(&prefix)?.into_iter().filter_map(range).collect())
    }

    /// Keeps that `first` to `last` of a journal that was set aside are on record as lost.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_lost(&self, journal: JournalId, first: u64, last: u64) -> Result<(), JournalError> {
        self.set(&[(&format!("former_lost/{journal}/{first}"), &last.to_be_bytes())])
    }

    /// True if the Control Site has all that can be read of a journal that was set aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_done(&self, journal: JournalId) -> Result<bool, JournalError> {
        Ok(self.get(&format!("former_done/{journal}"))?.is_some())
    }

    /// Keeps that the Control Site has all that can be read of a journal that was set aside.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_done(&self, journal: JournalId) -> Result<(), JournalError> {
        self.set(&[(&format!("former_done/{journal}"), &[1])])
    }

    /// The last record that was ever in a journal that was set aside, where its end was whole.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn end(&self, journal: JournalId) -> Result<Option<u64>, JournalError> {
        let end = self.get(&format!("former_end/{journal}"))?;
        Ok(end.and_then(|value| <[u8; 8]>::try_from(value).ok()).map(u64::from_be_bytes))
    }

    /// Keeps that a journal that was set aside ended with `seq`, whole.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_end(&self, journal: JournalId, seq: u64) -> Result<(), JournalError> {
        self.set(&[(&format!("former_end/{journal}"), &seq.to_be_bytes())])
    }

    /// How far a journal that was set aside is receipted; 0 where nobody knows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn former(&self, journal: JournalId) -> Result<u64, JournalError> {
        self.number(&format!("former/{journal}"))
    }

    /// Keeps how far a journal that was set aside is receipted.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_former(&self, journal: JournalId, through: u64) -> Result<(), JournalError> {
        self.set(&[(&format!("former/{journal}"), &through.to_be_bytes())])
    }

    /// Keeps how far `journal` is receipted.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_receipt(&self, journal: JournalId, through: u64) -> Result<(), JournalError> {
        self.set(&[("journal", &journal.0), ("receipt_through", &through.to_be_bytes())])
    }
}
