//! Everything that the page shows, read from the views in one transaction.

use std::collections::BTreeSet;

use cellwatch_model::Utc;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::keys::JournalSeal;
use super::rows::{
    Agent, Alarm, Journal, OversightEntry, RefusalCount, RefusalEntry, SealedBatch, Unit, all,
};
use super::tile::{Tile, tiles};
use super::trend::Trends;
use super::{Broker, Live};
use crate::store::StoreError;

/// Raised alarms over which latencies are taken: the newest ones that came live.
const LATENCIES_MAX: i64 = 10_000;

/// Everything, as of one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// When it was made, RFC 3339 in UTC.
    pub now_utc: String,
    /// The same in milliseconds since 1970.
    pub now_ms: i64,
    /// Counts over everything.
    pub summary: Summary,
    /// Sites with their agents.
    pub sites: Vec<Site>,
    /// Units.
    pub units: Vec<Unit>,
    /// What each unit's tile shows of its newest verified values.
    pub tiles: Vec<Tile>,
    /// Standing alarms, most urgent and unanswered first.
    pub alarms: Vec<Alarm>,
    /// What is proven.
    pub proof: Proof,
    /// Plain JSON of the agents: a convenience, no evidence.
    pub unsigned: Vec<Json>,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Site {
    /// Id.
    pub site: String,
    /// Its agents.
    pub agents: Vec<Agent>,
}

/// What is proven.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// Every journal.
    pub journals: Vec<Journal>,
    /// Keys of journals that more than one has sealed, newest first.
    pub keys: Vec<JournalSeal>,
    /// Sealed batches: those that are not complete first.
    pub batches: Vec<SealedBatch>,
    /// Refusals by reason.
    pub refusals: Vec<RefusalCount>,
    /// The last refusals.
    pub last_refusals: Vec<RefusalEntry>,
    /// Oversight lost and regained, newest first.
    pub oversight: Vec<OversightEntry>,
}

/// Counts over everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// True while the subscription at the broker stands.
    pub broker_connected: bool,
    /// Since when, milliseconds since 1970.
    pub broker_since_ms: i64,
    /// Why it is not connected.
    pub broker_words: String,
    /// Sites.
    pub sites: usize,
    /// Agents.
    pub agents: usize,
    /// Agents whose oversight is lost.
    pub agents_lost: usize,
    /// Units.
    pub units: usize,
    /// Standing alarms.
    pub alarms_standing: usize,
    /// Of these, those that nobody has acknowledged.
    pub alarms_unanswered: usize,
    /// Records verified and stored.
    pub verified: i64,
    /// Missing ranges.
    pub gaps: i64,
    /// Missing records.
    pub missing: i64,
    /// Records that came again.
    pub duplicates: i64,
    /// Refusals.
    pub refusals: i64,
    /// Alarms raised, ever.
    pub alarms_raised: i64,
    /// Median time from the change of an alarm to its receipt here, of those that came live.
    pub alarm_latency_ms_p50: Option<f64>,
    /// 99th percentile of the same.
    pub alarm_latency_ms_p99: Option<f64>,
}

/// Reads everything, as of `now`.
pub(super) fn snapshot(
    connection: &Connection,
    trends: &mut Trends,
    live: &Live,
    now: Utc,
) -> Result<Snapshot, StoreError> {
    let transaction = connection.unchecked_transaction()?;
    let read = &*transaction;
    let agents = all(read, Agent::SQL, Agent::read)?;
    let units = all(read, Unit::SQL, Unit::read)?;
    let alarms = all(read, Alarm::SQL, Alarm::read)?;
    let mut tiles = tiles(read, &alarms)?;
    trends.fill(read, &mut tiles, now)?;
    let proof = Proof {
        journals: all(read, Journal::SQL, Journal::read)?,
        keys: all(read, JournalSeal::SQL, JournalSeal::read)?,
        batches: all(read, SealedBatch::SQL, SealedBatch::read)?,
        refusals: all(read, RefusalCount::SQL, RefusalCount::read)?,
        last_refusals: all(read, RefusalEntry::SQL, RefusalEntry::read)?,
        oversight: all(read, OversightEntry::SQL, OversightEntry::read)?,
    };
    let alarms_raised: i64 = read
        .prepare_cached("SELECT count(*) FROM alarms WHERE transition = 'raised'")?
        .query_row([], |row| row.get(0))?;
    let latencies = latencies(read)?;
    let broker = live.broker_now();
    let summary = Summary {
        agents: agents.len(),
        agents_lost: agents.iter().filter(|agent| agent.oversight == "lost").count(),
        units: units.len(),
        alarms_standing: alarms.len(),
        alarms_unanswered: alarms.iter().filter(|alarm| !alarm.answered).count(),
        alarms_raised,
        alarm_latency_ms_p50: percentile(&latencies, 50),
        alarm_latency_ms_p99: percentile(&latencies, 99),
        ..totals(&proof, &broker)
    };
    let sites = by_site(agents);
    Ok(Snapshot {
        now_utc: rfc3339(now),
        now_ms: now.0 / 1_000_000,
        summary: Summary { sites: sites.len(), ..summary },
        sites,
        units,
        tiles,
        alarms,
        proof,
        unsigned: unsigned(live),
    })
}

fn totals(proof: &Proof, broker: &Broker) -> Summary {
    let sum = |of: fn(&Journal) -> i64| proof.journals.iter().map(of).sum();
    Summary {
        broker_connected: broker.connected,
        broker_since_ms: broker.since.0 / 1_000_000,
        broker_words: broker.words.clone(),
        sites: 0,
        agents: 0,
        agents_lost: 0,
        units: 0,
        alarms_standing: 0,
        alarms_unanswered: 0,
        verified: sum(|journal| journal.verified),
        gaps: sum(|journal| journal.gaps),
        missing: sum(|journal| journal.missing),
        duplicates: sum(|journal| journal.duplicates),
        refusals: proof.refusals.iter().map(|refusal| refusal.count).sum(),
        alarms_raised: 0,
        alarm_latency_ms_p50: None,
        alarm_latency_ms_p99: None,
    }
}

fn by_site(agents: Vec<Agent>) -> Vec<Site> {
    let names: BTreeSet<String> = agents.iter().map(|agent| agent.site.clone()).collect();
    names
        .into_iter()
        .map(|site| {
            let agents = agents.iter().filter(|agent| agent.site == site).cloned().collect();
            Site { site, agents }
        })
        .collect()
}

/// Ascending.
fn latencies(read: &Connection) -> rusqlite::Result<Vec<f64>> {
    let mut rows = read.prepare_cached(
        "SELECT latency_ms FROM (SELECT latency_ms FROM alarms
           WHERE transition = 'raised' AND live = 1 ORDER BY at_ns DESC LIMIT ?1)
         ORDER BY latency_ms",
    )?;
    rows.query_map([LATENCIES_MAX], |row| row.get(0))?.collect()
}

/// The smallest value that `percent` of all do not exceed.
fn percentile(ascending: &[f64], percent: usize) -> Option<f64> {
    let rank = (ascending.len() * percent).div_ceil(100);
    ascending.get(rank.saturating_sub(1)).copied()
}

fn unsigned(live: &Live) -> Vec<Json> {
    live.unsigned_now()
        .into_iter()
        .map(|message| {
            json!({
                "site": message.site, "agent": message.agent, "unit": message.unit,
                "what": message.what.word(), "received_utc": rfc3339(message.received),
                "json": message.json,
            })
        })
        .collect()
}

fn rfc3339(utc: Utc) -> String {
    jiff::Timestamp::from_millisecond(utc.0 / 1_000_000)
        .map_or_else(|_| format!("{} ns", utc.0), |time| format!("{time:.3}"))
}
