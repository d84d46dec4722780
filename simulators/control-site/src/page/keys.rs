//! Keys that have sealed journals, where there was more than one.

use rusqlite::Row;
use serde::Serialize;

/// A key that has sealed records of a journal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalSeal {
    /// Agent.
    pub agent: String,
    /// Journal id.
    pub journal: String,
    /// Key id.
    pub key: String,
    /// Lowest record of it that is here.
    pub first_seq: i64,
    /// Its last record, where it says, sealed by both, which key follows.
    pub rotated_seq: Option<i64>,
    /// That key.
    pub successor: Option<String>,
    /// `first`; `rotated`: the key before sealed the change; `replaced`: only the roster vouches for it.
    pub how: String,
}

impl JournalSeal {
    /// The newest ones; a journal that one key has sealed is not among them.
    pub(super) const SQL: &str =
        "SELECT agent, journal, key, first_seq, rotated_seq, successor, how
        FROM journal_seals WHERE how <> 'first' OR rotated_seq IS NOT NULL
        ORDER BY received_ns DESC LIMIT 50";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            agent: row.get("agent")?,
            journal: row.get("journal")?,
            key: row.get("key")?,
            first_seq: row.get("first_seq")?,
            rotated_seq: row.get("rotated_seq")?,
            successor: row.get("successor")?,
            how: row.get("how")?,
        })
    }
}
