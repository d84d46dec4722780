//! The state of every journal and agent, read back at a start.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Hash, JournalId};

use super::{Shelf, StoreError};
use crate::intake::{Counts, JournalKey, Oversight, Progress};

impl Shelf {
    /// Every journal as far as it is committed.
    ///
    /// # Errors
    /// The database cannot be read, or holds what this program never writes.
    pub fn journals(&self) -> Result<BTreeMap<JournalKey, Progress>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT j.id, a.agent, j.journal, j.through, j.through_hash, j.known_last, j.verified,
                    j.duplicates, j.refused, j.no_room
               FROM journal_state j JOIN agent_state a ON a.id = j.agent_id",
        )?;
        let mut rows = rows.query([])?;
        let mut journals = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let agent: String = row.get(1)?;
            let journal = JournalId(row.get(2)?);
            let through = natural(row.get(3)?)?;
            let hash: Vec<u8> = row.get(4)?;
            let hash = match hash.as_slice() {
                [] => Hash::NONE,
                bytes => Hash(bytes.try_into().map_err(|_| damaged("a hash of another length"))?),
            };
            let counts = Counts {
                verified: natural(row.get(6)?)?,
                duplicates: natural(row.get(7)?)?,
                refused: natural(row.get(8)?)?,
                no_room: natural(row.get(9)?)?,
            };
            let known_last = natural(row.get(5)?)?;
            let mut progress = Progress::resumed(through, hash, known_last, counts);
            self.islands(id, through, &mut progress)?;
            journals.insert((agent, journal), progress);
        }
        Ok(journals)
    }

    fn islands(&self, id: i64, through: u64, progress: &mut Progress) -> Result<(), StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT seq, prev, payload_hash FROM records
              WHERE journal_id = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = rows.query(rusqlite::params![id, super::shelf::integer(through)])?;
        while let Some(row) = rows.next()? {
            progress.restore(natural(row.get(0)?)?, Hash(row.get(1)?), Hash(row.get(2)?));
        }
        Ok(())
    }

    /// Which agents have been watched, as they were left; silence counts from `now`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn oversight(&self, now: Mono) -> Result<Oversight, StoreError> {
        let mut oversight = Oversight::new(now);
        let mut rows = self
            .connection
            .prepare("SELECT agent, health_received_ns, oversight = 'lost' FROM agent_state")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let agent: String = row.get(0)?;
            let last_health: Option<i64> = row.get(1)?;
            oversight.resume(&agent, last_health.map(Utc), row.get(2)?);
        }
        Ok(oversight)
    }
}

fn natural(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| damaged("a negative sequence number or counter"))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
