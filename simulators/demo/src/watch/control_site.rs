//! The Control Site's database.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags, Row};

/// `transition` of an alarm that was raised.
pub const RAISED: &str = "raised";
/// `transition` of an alarm that returned to normal.
pub const RETURNED: &str = "returned";

/// Changes of alarms that are looked through for new ones: the latest.
const NEWS_MAX: i64 = 200;

/// The database, open for reading.
#[derive(Debug)]
pub struct ControlSite {
    connection: Connection,
}

/// What it says over everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Records verified and stored.
    pub verified: u64,
    /// Missing ranges.
    pub gaps: u64,
    /// Records that came again.
    pub duplicates: u64,
    /// Messages refused.
    pub refused: u64,
    /// Units heard of.
    pub units: u64,
    /// Alarms raised.
    pub alarms_raised: u64,
    /// Of these, those that a rule of the Master File or a shelf kept from people.
    pub alarms_kept_back: u64,
    /// Unit and id of every alarm that was raised.
    pub raised: BTreeSet<(String, String)>,
    /// From each alarm's being raised to its receipt, ms.
    pub latencies_ms: Vec<f64>,
}

/// One change of an alarm, as its record says.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmChange {
    /// Journal and sequence number.
    pub identity: (String, i64),
    /// Unit; empty for the agent itself.
    pub unit: String,
    /// Id in the Master File.
    pub alarm: String,
    /// Parameter or device.
    pub source: String,
    /// What happened: `raised`, `returned` …
    pub transition: String,
    /// ISA-18.2 state after it, such as `UNACK`.
    pub state: String,
    /// The value that decided.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// Unit of measure of both.
    pub unit_of_measure: String,
    /// The quality of the value, in words.
    pub quality: String,
    /// When it happened, RFC 3339 in UTC.
    pub at_utc: String,
    /// From then to its receipt, ms.
    pub latency_ms: f64,
}

impl ControlSite {
    /// Opens it beside its writer.
    ///
    /// # Errors
    /// It is not there, or no database.
    pub fn open(database: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags)
            .with_context(|| format!("cannot open {}", database.display()))?;
        connection.busy_timeout(Duration::from_secs(5)).context("busy timeout")?;
        Ok(Self { connection })
    }

    /// Everything counted.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn counts(&self) -> anyhow::Result<Counts> {
        self.read_counts().context("cannot read the Control Site's database")
    }

    fn read_counts(&self) -> rusqlite::Result<Counts> {
        let one = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .map(|count| u64::try_from(count).unwrap_or(0))
        };
        let mut raised = self
            .connection
            .prepare_cached("SELECT unit, alarm FROM alarm_latency WHERE transition = ?1")?;
        let raised: Vec<(Option<String>, String)> = raised
            .query_map([RAISED], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut latencies = self
            .connection
            .prepare_cached("SELECT latency_ms FROM alarm_latency WHERE transition = ?1")?;
        Ok(Counts {
            verified: one("SELECT coalesce(sum(verified), 0) FROM journals")?,
            gaps: one("SELECT coalesce(sum(gaps), 0) FROM journals")?,
            duplicates: one("SELECT coalesce(sum(duplicates), 0) FROM journals")?,
            refused: one("SELECT coalesce(sum(count), 0) FROM refusals")?,
            units: one("SELECT count(*) FROM units")?,
            alarms_raised: u64::try_from(raised.len()).unwrap_or(u64::MAX),
            alarms_kept_back: one("SELECT count(*) FROM alarm_log
                 WHERE transition = 'raised' AND state IN ('SHLVD', 'DSUPR', 'OOSRV')")?,
            raised: raised
                .into_iter()
                .map(|(unit, alarm)| (unit.unwrap_or_default(), alarm))
                .collect(),
            latencies_ms: latencies
                .query_map([RAISED], |row| row.get(0))?
                .collect::<Result<_, _>>()?,
        })
    }

    /// The changes of alarms that are not in `known`, in the order in which they happened.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn news(&self, known: &BTreeSet<(String, i64)>) -> anyhow::Result<Vec<AlarmChange>> {
        self.read_news(known).context("cannot read the Control Site's database")
    }

    fn read_news(&self, known: &BTreeSet<(String, i64)>) -> rusqlite::Result<Vec<AlarmChange>> {
        let mut log = self.connection.prepare_cached(
            "SELECT * FROM (SELECT * FROM alarm_log ORDER BY at_ns DESC, seq DESC LIMIT ?1)
             ORDER BY at_ns, seq",
        )?;
        let all: Vec<AlarmChange> =
            log.query_map([NEWS_MAX], AlarmChange::read)?.collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|change| !known.contains(&change.identity)).collect())
    }
}

impl AlarmChange {
    /// False where nobody is to be called: the condition changed behind a shelf or a rule of the
    /// Master File, or the rule came or went with nothing behind it.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        let is = |words: &[&str], word: &str| words.contains(&word);
        let behind = is(&["SHLVD", "DSUPR", "OOSRV"], &self.state)
            && is(&[RAISED, RETURNED], &self.transition);
        let only_a_rule = is(&["suppressed", "unsuppressed"], &self.transition)
            && is(&["NORM", "DSUPR"], &self.state);
        !(behind || only_a_rule)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |name: &str| row.get::<_, Option<String>>(name).map(Option::unwrap_or_default);
        Ok(Self {
            identity: (row.get("journal")?, row.get("seq")?),
            unit: text("unit")?,
            alarm: row.get("alarm")?,
            source: row.get("source")?,
            transition: row.get("transition")?,
            state: row.get("state")?,
            value: row.get("value")?,
            limit: row.get("limit")?,
            unit_of_measure: text("unit_of_measure")?,
            quality: text("quality_words")?,
            at_utc: row.get("at_utc")?,
            latency_ms: row.get("latency_ms")?,
        })
    }
}
