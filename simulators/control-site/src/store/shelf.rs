//! The writing side of the database: everything between `begin` and `commit` becomes durable
//! together, or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Body, Common, Hash, Identity, Receipt};
use cellwatch_seal::KeyId;
use rusqlite::{Connection, OptionalExtension, params};

use super::ids::Ids;
use super::{Exclusive, StoreError, alarms, events, frames, journal_keys, refusals, seals};
use crate::intake::{
    Accepted, JournalKey, Outcome, OversightChange, Progress, Records, UnsignedMessage,
    confirmed_seal,
};
use crate::topic::Unsigned;

/// Receipts kept of each journal; each later one says more than those before.
pub const RECEIPTS_KEPT: i64 = 64;

/// The database, for its one writer.
#[derive(Debug)]
pub struct Shelf {
    pub(super) connection: Connection,
    ids: Ids,
    refusals_kept: i64,
    touched: BTreeSet<JournalKey>,
    /// Held as long as this writes.
    _lock: File,
}

/// Rows that a record belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) connection: &'a Connection,
    pub(super) agent_id: i64,
    pub(super) journal_id: i64,
    pub(super) unit_id: Option<i64>,
    pub(super) common: &'a Common,
    pub(super) received: Utc,
    pub(super) live: bool,
}

impl Place<'_> {
    /// Wall time of something that happened at `mono`: the record's own, less the time between.
    pub(super) const fn utc_of(&self, mono: Mono) -> i64 {
        let since = self.common.mono.0.cast_signed().wrapping_sub(mono.0.cast_signed());
        self.common.utc.0.saturating_sub(since)
    }
}

impl Shelf {
    /// Writes to what [`super::open`] opened.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn new(Exclusive { connection, lock }: Exclusive) -> Result<Self, StoreError> {
        let refusals_kept =
            connection.query_row("SELECT count(*) FROM refusals", [], |row| row.get(0))?;
        Ok(Self {
            connection,
            ids: Ids::default(),
            refusals_kept,
            touched: BTreeSet::new(),
            _lock: lock,
        })
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Makes everything since [`Self::begin`] durable, with how far each touched journal has come.
    ///
    /// # Errors
    /// Nothing of the transaction is durable; the caller must not acknowledge any of it.
    pub fn commit(
        &mut self,
        journals: &BTreeMap<JournalKey, Progress>,
        now: Utc,
    ) -> Result<(), StoreError> {
        for key in std::mem::take(&mut self.touched) {
            if let Some(progress) = journals.get(&key) {
                self.save_progress(&key, progress, now)?;
            }
        }
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    fn save_progress(
        &mut self,
        (agent, journal): &JournalKey,
        progress: &Progress,
        now: Utc,
    ) -> Result<(), StoreError> {
        let Some(agent_id) = self.ids.known_agent(&self.connection, agent)? else { return Ok(()) };
        let journal_id = self.ids.journal(&self.connection, agent_id, *journal, now)?;
        let (ranges, records) = progress.missing_totals();
        let counts = progress.counts;
        self.connection
            .prepare_cached(
                "UPDATE journal_state SET through = ?2, through_hash = ?3, highest = ?4,
                   known_last = ?5, missing_ranges = ?6, missing_records = ?7, verified = ?8,
                   duplicates = ?9, refused = ?10, no_room = ?11, last_received_ns = ?12
                 WHERE id = ?1",
            )?
            .execute(params![
                journal_id,
                integer(progress.through()),
                progress.hash().0,
                integer(progress.highest()),
                integer(progress.known_last()),
                integer(ranges),
                integer(records),
                integer(counts.verified),
                integer(counts.duplicates),
                integer(counts.refused),
                integer(counts.no_room),
                now.0,
            ])?;
        self.connection
            .prepare_cached("UPDATE agent_state SET last_received_ns = ?2 WHERE id = ?1")?
            .execute(params![agent_id, now.0])?;
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), StoreError> {
        let checked = &accepted.checked;
        let common = &checked.record.common;
        let Identity { agent, journal, seq } = &common.identity;
        let connection = &self.connection;
        let agent_id = self.ids.agent(connection, agent, &checked.site, checked.received)?;
        let journal_id = self.ids.journal(connection, agent_id, *journal, checked.received)?;
        let unit = common.unit.as_deref();
        let unit_id = unit.map(|unit| self.ids.unit(connection, agent_id, unit)).transpose()?;
        if let Some(succession) = accepted.succession {
            let before =
                self.ids.journal(connection, agent_id, succession.previous, checked.received)?;
            connection
                .prepare_cached("UPDATE journal_state SET successor = ?2 WHERE id = ?1")?
                .execute(params![before, journal_id])?;
            self.touched.insert((agent.clone(), succession.previous));
        }
        connection
            .prepare_cached(
                "INSERT INTO records (journal_id, seq, kind, unit, batch, phase, utc_ns, mono_ns,
                   boot, clock, master_file, received_ns, live, prev, payload_hash, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                journal_id,
                integer(*seq),
                checked.record.body.kind().word(),
                unit,
                common.batch,
                common.phase,
                common.utc.0,
                common.mono.0.cast_signed(),
                common.boot,
                common.clock.sync.to_string(),
                common.master_file,
                checked.received.0,
                checked.live,
                common.prev.0,
                checked.hash.0,
                checked.sealed,
            ])?;
        let place = Place {
            connection,
            agent_id,
            journal_id,
            unit_id,
            common,
            received: checked.received,
            live: checked.live,
        };
        write_unit(&place)?;
        if accepted.key_is_news {
            journal_keys::write(&place, checked)?;
        }
        match &checked.record.body {
            Body::Telemetry(frame) => frames::write(&place, frame)?,
            Body::Alarm(change) => alarms::write_change(&place, change)?,
            Body::Action(action) => events::write_action(&place, action)?,
            Body::Batch(batch) => {
                events::write_batch(&place, batch)?;
                if let Some(seal) = &batch.seal {
                    seals::write(&place, &batch.batch, seal, checked.hash)?;
                }
            }
            Body::Event(event) => {
                events::write_event(&place, event)?;
                if let Some(seal) = confirmed_seal(event) {
                    seals::confirm(&place, integer(seal))?;
                }
            }
            Body::Deviation(deviation) => {
                events::write_deviation(&place, &checked.record, deviation)?
            }
            Body::Result(result) => events::write_result(&place, &checked.record, result)?,
            // The agent's own memory: stored with its seal, of no use to dashboards.
            Body::State(_) => {}
            Body::Health(health) => events::write_health(&place, health)?,
        }
        self.touched.insert((agent.clone(), *journal));
        Ok(())
    }

    fn presence(&mut self, message: &UnsignedMessage) -> Result<(), StoreError> {
        let online = message.json.get("online").and_then(serde_json::Value::as_bool);
        let (Unsigned::Presence, Some(online)) = (message.what, online) else { return Ok(()) };
        let id =
            self.ids.agent(&self.connection, &message.agent, &message.site, message.received)?;
        self.connection
            .prepare_cached(
                "UPDATE agent_state SET presence_online = ?2, presence_received_ns = ?3
                 WHERE id = ?1",
            )?
            .execute(params![id, online, message.received.0])?;
        Ok(())
    }

    /// Keeps a receipt that is about to be sent.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn keep_receipt(&mut self, receipt: &Receipt, sealed: &[u8]) -> Result<(), StoreError> {
        let Some(agent_id) = self.ids.known_agent(&self.connection, &receipt.agent)? else {
            return Ok(());
        };
        let journal_id =
            self.ids.journal(&self.connection, agent_id, receipt.journal, receipt.issued)?;
        let missing: Vec<[u64; 2]> =
            receipt.missing.iter().map(|range| [range.first, range.last]).collect();
        self.connection
            .prepare_cached(
                "INSERT INTO receipts (journal_id, through, hash, missing, highest, issued_ns, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                journal_id,
                integer(receipt.through),
                receipt.hash.0,
                serde_json::json!(missing).to_string(),
                integer(receipt.highest),
                receipt.issued.0,
                sealed,
            ])?;
        self.connection
            .prepare_cached(
                "DELETE FROM receipts WHERE journal_id = ?1 AND id <= (
                   SELECT id FROM receipts WHERE journal_id = ?1
                    ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![journal_id, RECEIPTS_KEPT])?;
        Ok(())
    }

    /// Makes sure that an agent of the roster has a row, so that its silence can be shown.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn expect_agent(&mut self, agent: &str, site: &str, now: Utc) -> Result<(), StoreError> {
        self.ids.agent(&self.connection, agent, site, now).map(|_| ())
    }

    /// Keeps that oversight of an agent was lost or came back.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn keep_oversight(&mut self, change: &OversightChange) -> Result<(), StoreError> {
        let Some(agent_id) = self.ids.known_agent(&self.connection, &change.agent)? else {
            return Ok(());
        };
        let (word, state) = if change.lost { ("lost", "lost") } else { ("regained", "watched") };
        self.connection
            .prepare_cached(
                "INSERT INTO oversight (agent_id, at_ns, change, last_health_ns)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![agent_id, change.at.0, word, change.last_health.map(|utc| utc.0)])?;
        self.connection
            .prepare_cached(
                "UPDATE agent_state SET oversight = ?2, oversight_ns = ?3 WHERE id = ?1",
            )?
            .execute(params![agent_id, state, change.at.0])?;
        Ok(())
    }
}

impl Records for Shelf {
    type Error = StoreError;

    fn payload_hash(&mut self, identity: &Identity) -> Result<Option<Hash>, StoreError> {
        let Identity { agent, journal, seq } = identity;
        let Some(agent_id) = self.ids.known_agent(&self.connection, agent)? else {
            return Ok(None);
        };
        let Some(journal_id) = self.ids.known_journal(&self.connection, agent_id, *journal)? else {
            return Ok(None);
        };
        let hash: Option<[u8; 32]> = self
            .connection
            .prepare_cached("SELECT payload_hash FROM records WHERE journal_id = ?1 AND seq = ?2")?
            .query_row(params![journal_id, integer(*seq)], |row| row.get(0))
            .optional()?;
        Ok(hash.map(Hash))
    }

    fn held_after(&mut self, identity: &Identity, key: KeyId) -> Result<Option<u64>, StoreError> {
        let Identity { agent, journal, seq } = identity;
        let Some(agent_id) = self.ids.known_agent(&self.connection, agent)? else {
            return Ok(None);
        };
        match self.ids.known_journal(&self.connection, agent_id, *journal)? {
            Some(journal_id) => self.sealed_after(journal_id, *seq, key),
            None => Ok(None),
        }
    }

    fn keep(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        match outcome {
            Outcome::Accepted(accepted) => self.accepted(accepted),
            Outcome::Refused(refusal) => {
                if let (Some(agent), Some(Ok(journal))) =
                    (&refusal.agent, refusal.journal.as_ref().map(|text| text.parse()))
                {
                    self.touched.insert((agent.clone(), journal));
                }
                refusals::write(&self.connection, &mut self.refusals_kept, refusal)
            }
            Outcome::Duplicate(identity) | Outcome::NoRoom(identity) => {
                self.touched.insert((identity.agent.clone(), identity.journal));
                Ok(())
            }
            Outcome::Summary(summary) => {
                let agent = &summary.summary.agent;
                let connection = &self.connection;
                let received = summary.received;
                let agent_id = self.ids.agent(connection, agent, &summary.site, received)?;
                let journal = summary.summary.journal;
                let journal_id = self.ids.journal(connection, agent_id, journal, received)?;
                alarms::write_summary(connection, agent_id, journal_id, summary)
            }
            Outcome::Unsigned(message) => self.presence(message),
            Outcome::Ignored => Ok(()),
        }
    }
}

fn write_unit(place: &Place<'_>) -> Result<(), StoreError> {
    let Some(unit_id) = place.unit_id else { return Ok(()) };
    let common = place.common;
    place
        .connection
        .prepare_cached(
            "UPDATE unit_state SET batch = ?2, phase = ?3, master_file = ?4, journal_id = ?5,
               seq = ?6, utc_ns = ?7, received_ns = ?8
             WHERE id = ?1 AND (CASE WHEN journal_id = ?5 THEN seq < ?6 ELSE utc_ns <= ?7 END)",
        )?
        .execute(params![
            unit_id,
            common.batch,
            common.phase,
            common.master_file,
            place.journal_id,
            integer(common.identity.seq),
            common.utc.0,
            place.received.0,
        ])?;
    Ok(())
}

/// SQLite's integers are signed; sequence numbers and counters never reach 2^63.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
