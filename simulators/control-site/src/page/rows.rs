//! Rows of the views, as the page and the JSON show them. Times are RFC 3339 in UTC; names that end
//! in `_ms` are milliseconds since 1970, for reckoning ages.

use rusqlite::{Connection, Row};
use serde::Serialize;
use serde_json::Value as Json;

/// An agent and whether it is watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agent {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// `waiting` (no signed health yet), `watched`, or `lost` (none for 90 s).
    pub oversight: String,
    /// Since when.
    pub oversight_ms: Option<i64>,
    /// When its last signed health came.
    pub health_received_ms: Option<i64>,
    /// What it says of its clock.
    pub clock: Option<String>,
    /// Its last signed figures.
    pub health: Option<Json>,
    /// What its unsigned presence says.
    pub presence_online: Option<bool>,
    /// The Master File in force.
    pub master_file: Option<String>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unit {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// Unit.
    pub unit: String,
    /// Batch, if one runs.
    pub batch: Option<String>,
    /// Its phase.
    pub phase: Option<String>,
    /// The Master File in force.
    pub master_file: Option<String>,
    /// Oversight of its agent.
    pub oversight: String,
    /// How many alarms stand.
    pub standing_alarms: i64,
    /// The most urgent one's priority, 1 to 4.
    pub worst_priority: Option<i64>,
    /// When its last record was made.
    pub last_record_utc: Option<String>,
}

/// The newest verified sample of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Value {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// Unit.
    pub unit: String,
    /// Name, or `#` and the index where no configuration event has named it yet.
    pub parameter: String,
    /// The number; none where there is no reading or it is text.
    pub value: Option<f64>,
    /// The text.
    pub text: Option<String>,
    /// The word of an enumerated value.
    pub word: Option<String>,
    /// What it is to people: `process`, `set-point`, `phase`, `heartbeat`, `serial`, `other`; none
    /// where the agent does not say.
    pub part: Option<String>,
    /// The device that it is read from.
    pub device: Option<String>,
    /// Unit of measure.
    pub unit_of_measure: Option<String>,
    /// Decimals to show.
    pub decimals: Option<i64>,
    /// Quality code: 0 good, 1 to 63 uncertain, 65 to 127 bad.
    pub quality: i64,
    /// The same in words.
    pub quality_words: String,
    /// When it was measured.
    pub at_utc: String,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
}

/// A standing alarm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// Unit; none for the agent itself.
    pub unit: Option<String>,
    /// Id in the Master File.
    pub alarm: String,
    /// Parameter or device.
    pub source: String,
    /// What it watches for: LL, L, H, HH, instrument, agent.
    pub kind: Option<String>,
    /// ISA-18.2 state.
    pub state: String,
    /// 1 critical to 4 low.
    pub priority: i64,
    /// True where somebody has acknowledged it.
    pub answered: bool,
    /// The value that decided.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// Unit of measure of both.
    pub unit_of_measure: Option<String>,
    /// Who acted last.
    pub person: Option<String>,
    /// What was said.
    pub comment: Option<String>,
    /// When it was raised.
    pub raised_utc: String,
    /// The same in milliseconds since 1970.
    pub raised_ms: i64,
    /// What proves it: `record` or `summary`.
    pub proof: String,
}

/// A journal's proof state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Journal {
    /// Site.
    pub site: String,
    /// Agent.
    pub agent: String,
    /// Journal id.
    pub journal: String,
    /// Records verified and stored.
    pub verified: i64,
    /// Everything up to this is here.
    pub through: i64,
    /// Highest sequence number here.
    pub highest: i64,
    /// Missing ranges.
    pub gaps: i64,
    /// Missing records.
    pub missing: i64,
    /// Records that came again.
    pub duplicates: i64,
    /// Records refused by their chain.
    pub refused: i64,
    /// True where a later journal follows.
    pub ended: bool,
    /// What the last receipt covers.
    pub last_receipt_through: Option<i64>,
    /// When it was issued.
    pub last_receipt_utc: Option<String>,
    /// The same in milliseconds since 1970.
    pub last_receipt_ms: Option<i64>,
}

/// How often something was refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalCount {
    /// Reason.
    pub reason: String,
    /// How often.
    pub count: i64,
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalEntry {
    /// Reason.
    pub reason: String,
    /// Agent as claimed.
    pub agent: String,
    /// Sequence number as claimed.
    pub seq: Option<i64>,
    /// For people.
    pub detail: String,
    /// How often the same bytes came.
    pub count: i64,
    /// When they came last, milliseconds since 1970.
    pub last_received_ms: i64,
}

/// Oversight lost or regained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OversightEntry {
    /// Agent.
    pub agent: String,
    /// `lost` or `regained`.
    pub change: String,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
}

impl Value {
    /// Bad, or neither a number nor a text.
    pub(super) fn no_reading(&self) -> bool {
        self.quality >= 64 || (self.value.is_none() && self.text.is_none())
    }
}

/// Reads all rows that `sql` gives.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map([], row)?.collect()
}

impl Agent {
    pub(super) const SQL: &str = "SELECT site, agent, oversight, oversight_ns / 1000000 AS oversight_ms,
        health_received_ns / 1000000 AS health_received_ms, clock, health, presence_online, master_file
        FROM agent_state ORDER BY site, agent";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let health: Option<String> = row.get("health")?;
        Ok(Self {
            site: row.get("site")?,
            agent: row.get("agent")?,
            oversight: row.get("oversight")?,
            oversight_ms: row.get("oversight_ms")?,
            health_received_ms: row.get("health_received_ms")?,
            clock: row.get("clock")?,
            health: health.and_then(|text| serde_json::from_str(&text).ok()),
            presence_online: row.get("presence_online")?,
            master_file: row.get("master_file")?,
        })
    }
}

impl Unit {
    pub(super) const SQL: &str = "SELECT * FROM units ORDER BY site, agent, unit";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            site: row.get("site")?,
            agent: row.get("agent")?,
            unit: row.get("unit")?,
            batch: row.get("batch")?,
            phase: row.get("phase")?,
            master_file: row.get("master_file")?,
            oversight: row.get("oversight")?,
            standing_alarms: row.get("standing_alarms")?,
            worst_priority: row.get("worst_priority")?,
            last_record_utc: row.get("last_record_utc")?,
        })
    }
}

impl Value {
    /// Of one unit (`?1`) and one agent (`?2`), or of all where they are null.
    pub(super) const SQL: &str = "SELECT *, at_ns / 1000000 AS at_ms FROM latest_values
        WHERE (?1 IS NULL OR unit = ?1) AND (?2 IS NULL OR agent = ?2)
        ORDER BY site, agent, unit, parameter_index";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            site: row.get("site")?,
            agent: row.get("agent")?,
            unit: row.get("unit")?,
            parameter: row.get("parameter")?,
            value: row.get("value")?,
            text: row.get("text")?,
            word: row.get("word")?,
            part: row.get("part")?,
            device: row.get("device")?,
            unit_of_measure: row.get("unit_of_measure")?,
            decimals: row.get("decimals")?,
            quality: row.get("quality")?,
            quality_words: row.get("quality_words")?,
            at_utc: row.get("at_utc")?,
            at_ms: row.get("at_ms")?,
        })
    }
}

impl Alarm {
    pub(super) const SQL: &str = "SELECT *, raised_ns / 1000000 AS raised_ms FROM standing_alarms
        ORDER BY answered, priority, raised_ns, site, agent, unit, alarm";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            site: row.get("site")?,
            agent: row.get("agent")?,
            unit: row.get("unit")?,
            alarm: row.get("alarm")?,
            source: row.get("source")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            priority: row.get("priority")?,
            answered: row.get("answered")?,
            value: row.get("value")?,
            limit: row.get("limit")?,
            unit_of_measure: row.get("unit_of_measure")?,
            person: row.get("person")?,
            comment: row.get("comment")?,
            raised_utc: row.get("raised_utc")?,
            raised_ms: row.get("raised_ms")?,
            proof: row.get("proof")?,
        })
    }
}

impl Journal {
    pub(super) const SQL: &str =
        "SELECT *, last_receipt_ns / 1000000 AS last_receipt_ms FROM journals
        ORDER BY site, agent, ended, journal";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            site: row.get("site")?,
            agent: row.get("agent")?,
            journal: row.get("journal")?,
            verified: row.get("verified")?,
            through: row.get("through")?,
            highest: row.get("highest")?,
            gaps: row.get("gaps")?,
            missing: row.get("missing")?,
            duplicates: row.get("duplicates")?,
            refused: row.get("refused")?,
            ended: row.get("ended")?,
            last_receipt_through: row.get("last_receipt_through")?,
            last_receipt_utc: row.get("last_receipt_utc")?,
            last_receipt_ms: row.get("last_receipt_ms")?,
        })
    }
}

/// A sealed batch, and whether all of it is here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SealedBatch {
    /// Agent.
    pub agent: String,
    /// Unit.
    pub unit: String,
    /// Batch.
    pub batch: String,
    /// `waiting`, `incomplete`, `complete` or `contradicts`.
    pub found: String,
    /// First and last sequence number of each range that is missing, the first 64.
    pub missing: Json,
    /// Merkle root that the agent sealed, hexadecimal.
    pub root: String,
    /// True where the agent has recorded that everything is here.
    pub confirmed: bool,
    /// When the seal came.
    pub received_ms: i64,
}

impl SealedBatch {
    /// The newest ones, and before them those that are not complete.
    pub(super) const SQL: &str = "SELECT agent, unit, batch, found, missing, root, confirmed,
        received_ns / 1000000 AS received_ms FROM batch_completeness
        ORDER BY found = 'complete', received_ns DESC LIMIT 50";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let missing: String = row.get("missing")?;
        Ok(Self {
            agent: row.get("agent")?,
            unit: row.get("unit")?,
            batch: row.get("batch")?,
            found: row.get("found")?,
            missing: serde_json::from_str(&missing).unwrap_or_default(),
            root: row.get("root")?,
            confirmed: row.get("confirmed")?,
            received_ms: row.get("received_ms")?,
        })
    }
}

impl RefusalCount {
    pub(super) const SQL: &str =
        "SELECT reason, sum(count) AS count FROM refusals GROUP BY reason ORDER BY reason";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { reason: row.get("reason")?, count: row.get("count")? })
    }
}

impl RefusalEntry {
    pub(super) const SQL: &str = "SELECT reason, agent, seq, detail, count,
        last_received_ns / 1000000 AS last_received_ms FROM refusals
        ORDER BY last_received_ns DESC, id DESC LIMIT 20";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            reason: row.get("reason")?,
            agent: row.get("agent")?,
            seq: row.get("seq")?,
            detail: row.get("detail")?,
            count: row.get("count")?,
            last_received_ms: row.get("last_received_ms")?,
        })
    }
}

impl OversightEntry {
    pub(super) const SQL: &str = "SELECT a.agent, o.change, o.at_ns / 1000000 AS at_ms
        FROM oversight o JOIN agent_state a ON a.id = o.agent_id ORDER BY o.id DESC LIMIT 20";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { agent: row.get("agent")?, change: row.get("change")?, at_ms: row.get("at_ms")? })
    }
}
