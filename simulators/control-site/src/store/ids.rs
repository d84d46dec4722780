//! Rows of agents, journals and units, remembered by their names.

use std::collections::BTreeMap;

use cellwatch_model::Utc;
use cellwatch_record::JournalId;
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// Row ids by name. Rows are never deleted, so an id once known stays right; after a rollback
/// the whole is thrown away.
#[derive(Debug, Default)]
pub(super) struct Ids {
    agents: BTreeMap<String, i64>,
    journals: BTreeMap<(i64, JournalId), i64>,
    units: BTreeMap<(i64, String), i64>,
}

impl Ids {
    /// The row of an agent, made if it is not there.
    pub(super) fn agent(
        &mut self,
        connection: &Connection,
        agent: &str,
        site: &str,
        received: Utc,
    ) -> Result<i64, StoreError> {
        if let Some(id) = self.agents.get(agent) {
            return Ok(*id);
        }
        connection
            .prepare_cached(
                "INSERT INTO agent_state (agent, site, first_received_ns, last_received_ns)
                 VALUES (?1, ?2, ?3, ?3) ON CONFLICT (agent) DO UPDATE SET site = excluded.site",
            )?
            .execute(params![agent, site, received.0])?;
        let id =
            self.known_agent(connection, agent)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        Ok(id)
    }

    /// The row of an agent, if it is there.
    pub(super) fn known_agent(
        &mut self,
        connection: &Connection,
        agent: &str,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(id) = self.agents.get(agent) {
            return Ok(Some(*id));
        }
        let id: Option<i64> = connection
            .prepare_cached("SELECT id FROM agent_state WHERE agent = ?1")?
            .query_row([agent], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.agents.insert(agent.to_owned(), id);
        }
        Ok(id)
    }

    /// The row of a journal, made if it is not there.
    pub(super) fn journal(
        &mut self,
        connection: &Connection,
        agent_id: i64,
        journal: JournalId,
        received: Utc,
    ) -> Result<i64, StoreError> {
        if let Some(id) = self.known_journal(connection, agent_id, journal)? {
            return Ok(id);
        }
        connection
            .prepare_cached(
                "INSERT INTO journal_state (agent_id, journal, first_received_ns, last_received_ns)
                 VALUES (?1, ?2, ?3, ?3)",
            )?
            .execute(params![agent_id, journal.0, received.0])?;
        let id = connection.last_insert_rowid();
        self.journals.insert((agent_id, journal), id);
        Ok(id)
    }

    /// The row of a journal, if it is there.
    pub(super) fn known_journal(
        &mut self,
        connection: &Connection,
        agent_id: i64,
        journal: JournalId,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(id) = self.journals.get(&(agent_id, journal)) {
            return Ok(Some(*id));
        }
        let id: Option<i64> = connection
            .prepare_cached("SELECT id FROM journal_state WHERE agent_id = ?1 AND journal = ?2")?
            .query_row(params![agent_id, journal.0], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.journals.insert((agent_id, journal), id);
        }
        Ok(id)
    }

    /// The row of a unit, made if it is not there.
    pub(super) fn unit(
        &mut self,
        connection: &Connection,
        agent_id: i64,
        unit: &str,
    ) -> Result<i64, StoreError> {
        let key = (agent_id, unit.to_owned());
        if let Some(id) = self.units.get(&key) {
            return Ok(*id);
        }
        connection
            .prepare_cached(
                "INSERT INTO unit_state (agent_id, unit) VALUES (?1, ?2)
                 ON CONFLICT (agent_id, unit) DO NOTHING",
            )?
            .execute(params![agent_id, unit])?;
        let id: i64 = connection
            .prepare_cached("SELECT id FROM unit_state WHERE agent_id = ?1 AND unit = ?2")?
            .query_row(params![agent_id, unit], |row| row.get(0))?;
        self.units.insert(key, id);
        Ok(id)
    }
}
