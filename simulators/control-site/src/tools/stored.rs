//! What the store holds, for `inspect` and `export`: read beside its writer, or long after.

use std::path::{Path, PathBuf};

use cellwatch_export::{
    BatchVerdict, FoundBatch, SelectError, Source, Trust as Keys, find_batch, prove_batch,
};
use cellwatch_record::JournalId;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::ToolError;
use super::record_json::{hex, time};
use crate::store::{StoreError, open_read_only};

/// The records of a journal in the store.
#[derive(Debug)]
pub struct StoredJournal<'c> {
    connection: &'c Connection,
    row: i64,
    /// The agent.
    pub agent: String,
    /// The journal.
    pub journal: JournalId,
}

impl Source for StoredJournal<'_> {
    type Error = StoreError;

    fn each(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT sealed FROM records WHERE journal_id = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
        )?;
        let limit = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let mut rows = rows.query(params![self.row, limit(first), limit(last)])?;
        while let Some(row) = rows.next()? {
            if !each(row.get_ref(0)?.as_blob().unwrap_or_default()) {
                break;
            }
        }
        Ok(())
    }
}

/// The store, opened to read.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    connection: Connection,
}

impl Stored {
    /// Opens it.
    ///
    /// # Errors
    /// There is no such file.
    pub fn open(path: &Path) -> Result<Self, ToolError> {
        let connection = open_read_only(path).map_err(ToolError::Store)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Its journals, in the order in which they began; of one agent where one is named.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn journals(&self, agent: Option<&str>) -> Result<Vec<StoredJournal<'_>>, ToolError> {
        let read = || {
            let mut rows = self.connection.prepare(
                "SELECT j.id, a.agent, j.journal FROM journal_state j
                   JOIN agent_state a ON a.id = j.agent_id
                  WHERE ?1 IS NULL OR a.agent = ?1 ORDER BY j.id",
            )?;
            let rows = rows.query_map([agent], |row| {
                Ok(StoredJournal {
                    connection: &self.connection,
                    row: row.get(0)?,
                    agent: row.get(1)?,
                    journal: JournalId(row.get(2)?),
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|cause| ToolError::Store(cause.into()))
    }

    /// Every journal that speaks of a batch, with what it says.
    ///
    /// # Errors
    /// It cannot be read, or none does.
    pub fn batch(
        &self,
        agent: Option<&str>,
        batch: &str,
        keys: &Keys,
    ) -> Result<Vec<(StoredJournal<'_>, FoundBatch)>, ToolError> {
        let mut all = Vec::new();
        for journal in self.journals(agent)? {
            if let Some(found) = find_batch(&journal, keys, batch).map_err(ToolError::Store)? {
                all.push((journal, found));
            }
        }
        if all.is_empty() {
            let path = self.path.display();
            let words = format!("{path}: no verified record speaks of batch \"{batch}\"");
            return Err(ToolError::Usage(words));
        }
        Ok(all)
    }

    /// Proves a batch: for each journal that speaks of it whether it is whole, and a line.
    ///
    /// # Errors
    /// It cannot be read, or no record speaks of the batch.
    pub fn prove(
        &self,
        agent: Option<&str>,
        batch: &str,
        keys: &Keys,
    ) -> Result<Vec<(bool, Value)>, ToolError> {
        let mut lines = Vec::new();
        for (journal, mut found) in self.batch(agent, batch, keys)? {
            let Some(seal) = &found.seal else {
                let problem = "not sealed: it runs, or its seal has not come";
                lines.push((
                    false,
                    json!({
                        "ok": false, "agent": journal.agent, "journal": journal.journal.to_string(),
                        "unit": found.unit, "batch": batch, "problems": [problem],
                    }),
                ));
                continue;
            };
            let verdict: BatchVerdict = prove_batch(&journal, keys, seal).map_err(selected)?;
            found.receipt = self.answer(&journal, verdict.seal_seq)?.or(found.receipt);
            let mut line = verdict.to_json();
            line["completeness"] = found.completeness(keys, &verdict);
            lines.push((verdict.is_whole(), line));
        }
        Ok(lines)
    }

    /// The completeness receipt that was sent last.
    fn answer(
        &self,
        journal: &StoredJournal<'_>,
        seal_seq: u64,
    ) -> Result<Option<Vec<u8>>, ToolError> {
        let seq = i64::try_from(seal_seq).unwrap_or(i64::MAX);
        self.connection
            .query_row(
                "SELECT sealed FROM batch_seals WHERE journal_id = ?1 AND seq = ?2",
                params![journal.row, seq],
                |row| row.get(0),
            )
            .map_err(|cause| ToolError::Store(cause.into()))
    }

    /// Everything that a person should look into: journals with holes, that ended or were forked, refusals with their
    /// bytes, agents that went silent, batches that are not complete. A line each, and whether it is good.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn findings(&self) -> Result<Vec<(bool, Value)>, ToolError> {
        let all = || -> Result<Vec<(bool, Value)>, StoreError> {
            let mut lines = self.journal_lines()?;
            lines.extend(self.key_lines()?);
            lines.extend(self.refusal_lines()?);
            lines.extend(self.oversight_lines()?);
            lines.extend(self.batch_lines()?);
            Ok(lines)
        };
        all().map_err(ToolError::Store)
    }

    fn journal_lines(&self) -> Result<Vec<(bool, Value)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT a.agent, j.journal, j.through, j.highest, j.missing_ranges, j.missing_records,
                    j.refused, (SELECT n.journal FROM journal_state n WHERE n.id = j.successor)
               FROM journal_state j JOIN agent_state a ON a.id = j.agent_id ORDER BY j.id",
        )?;
        let rows = rows.query_map([], |row| {
            let (ranges, refused): (i64, i64) = (row.get(4)?, row.get(6)?);
            let successor: Option<Vec<u8>> = row.get(7)?;
            let line = json!({
                "finding": "journal",
                "agent": row.get::<_, String>(0)?,
                "journal": hex(&row.get::<_, Vec<u8>>(1)?),
                "through": row.get::<_, i64>(2)?,
                "highest": row.get::<_, i64>(3)?,
                "missing_ranges": ranges,
                "missing_records": row.get::<_, i64>(5)?,
                "refused": refused,
                "replaced_by": successor.map(|journal| hex(&journal)),
            });
            Ok((ranges == 0 && refused == 0, line))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The keys of journals that more than one has sealed.
    fn key_lines(&self) -> Result<Vec<(bool, Value)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT agent, journal, key, first_seq, rotated_seq, successor, how, received_utc
               FROM journal_seals WHERE how <> 'first' OR rotated_seq IS NOT NULL
              ORDER BY journal, first_seq",
        )?;
        let rows = rows.query_map([], |row| {
            let how: String = row.get(6)?;
            let line = json!({
                "finding": "key",
                "agent": row.get::<_, String>(0)?,
                "journal": row.get::<_, String>(1)?,
                "key": row.get::<_, String>(2)?,
                "first_seq": row.get::<_, i64>(3)?,
                "rotated_seq": row.get::<_, Option<i64>>(4)?,
                "successor": row.get::<_, Option<String>>(5)?,
                "how": how,
                "received": row.get::<_, String>(7)?,
            });
            // One that no key before has sealed: only the roster vouches for it.
            Ok((how != "replaced", line))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn refusal_lines(&self) -> Result<Vec<(bool, Value)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT reason, agent, journal, seq, topic, detail, sha256, evidence, count, received_ns,
                    last_received_ns FROM refusals ORDER BY id",
        )?;
        let rows = rows.query_map([], |row| {
            let evidence: Option<Vec<u8>> = row.get(7)?;
            let utc = |ns| time(cellwatch_model::Utc(ns));
            let line = json!({
                "finding": "refusal",
                "reason": row.get::<_, String>(0)?,
                "agent": row.get::<_, String>(1)?,
                "journal": row.get::<_, Option<String>>(2)?,
                "seq": row.get::<_, Option<i64>>(3)?,
                "topic": row.get::<_, String>(4)?,
                "detail": row.get::<_, String>(5)?,
                "sha256": hex(&row.get::<_, Vec<u8>>(6)?),
                "evidence": evidence.map(|bytes| hex(&bytes)),
                "count": row.get::<_, i64>(8)?,
                "first_received": utc(row.get(9)?),
                "last_received": utc(row.get(10)?),
            });
            Ok((false, line))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn oversight_lines(&self) -> Result<Vec<(bool, Value)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT a.agent, o.change, o.at_ns, o.last_health_ns, a.oversight
               FROM oversight o JOIN agent_state a ON a.id = o.agent_id ORDER BY o.id",
        )?;
        let rows = rows.query_map([], |row| {
            let utc = |ns: i64| time(cellwatch_model::Utc(ns));
            let now: String = row.get(4)?;
            let line = json!({
                "finding": "oversight",
                "agent": row.get::<_, String>(0)?,
                "change": row.get::<_, String>(1)?,
                "at": utc(row.get(2)?),
                "last_health": row.get::<_, Option<i64>>(3)?.map(utc),
                "now": now,
            });
            Ok((now != "lost", line))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn batch_lines(&self) -> Result<Vec<(bool, Value)>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT agent, unit, batch, journal, seal_seq, first, last, root, found, missing, confirmed
               FROM batch_completeness ORDER BY received_ns",
        )?;
        let rows = rows.query_map([], |row| {
            let (found, missing): (String, String) = (row.get(8)?, row.get(9)?);
            let line = json!({
                "finding": "batch",
                "agent": row.get::<_, String>(0)?,
                "unit": row.get::<_, String>(1)?,
                "batch": row.get::<_, String>(2)?,
                "journal": row.get::<_, String>(3)?,
                "seal_seq": row.get::<_, i64>(4)?,
                "first": row.get::<_, i64>(5)?,
                "last": row.get::<_, i64>(6)?,
                "root": row.get::<_, String>(7)?,
                "found": found,
                "missing": serde_json::from_str::<Value>(&missing).unwrap_or_default(),
                "confirmed_by_agent": row.get::<_, bool>(10)?,
            });
            Ok((found == "complete", line))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Why a proof or an export could not be made.
pub(super) fn selected(error: SelectError<StoreError>) -> ToolError {
    match error {
        SelectError::Source(error) => ToolError::Store(error),
        SelectError::Record(problem) => ToolError::Usage(problem),
        SelectError::Export(error) => ToolError::Export(error),
    }
}
