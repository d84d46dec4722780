//! What tests are made of: an agent with a key and a chain, a roster, records kept in memory.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use cellwatch_model::{
    AlarmTransition, Clock, ClockSync, IsaState, LimitKind, Mono, Priority, Quality, Utc, Value,
    Words,
};
use cellwatch_record::{
    AlarmChange, Body, Chain, Column, Common, Datum, Event, EventKind, Frame, Hash, Head, Health,
    Identity, JournalId, RECORD_CONTENT_TYPE, Sample, Track,
};
use cellwatch_seal::{AgentKey, KeyId, NamedKey, Roster, Sealer, SealingKey, Thresholds, seal};

use crate::intake::{Outcome, OversightChange, OwnClock, Records, UnsignedMessage, Verifier};
use crate::receipts::{Issued, IssuedCompleteness};
use crate::store::{Hooks, Job, Shelf, Writer, open, open_read_only};

pub(crate) const SITE: &str = "barcelona-1";
pub(crate) const AGENT: &str = "cw-01";
pub(crate) const UNIT: &str = "BX-01";
pub(crate) const NOW: Utc = Utc(1_790_000_000_000_000_000);
pub(crate) const JOURNAL: JournalId = JournalId([7; 16]);

/// An agent that seals a chain of its own.
pub(crate) struct TestAgent {
    pub(crate) key: SealingKey,
    pub(crate) chain: Chain,
    pub(crate) agent: String,
}

impl TestAgent {
    pub(crate) fn new(agent: &str, journal: JournalId) -> Self {
        let (key, _) = SealingKey::generate().unwrap();
        Self { key, chain: chain(agent, journal), agent: agent.to_owned() }
    }

    /// The next record, sealed.
    pub(crate) fn seal(&mut self, common: Common, body: Body) -> Vec<u8> {
        let (_, payload) = self.chain.append(common, body);
        seal(&self.key, RECORD_CONTENT_TYPE, &payload)
    }

    /// The next `count` health records, sealed.
    pub(crate) fn healths(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.seal(common(None), health())).collect()
    }

    pub(crate) fn topic(&self, rest: &str) -> String {
        format!("cellwatch/1/{SITE}/{}/{rest}", self.agent)
    }
}

pub(crate) fn chain(agent: &str, journal: JournalId) -> Chain {
    Chain::new(agent.to_owned(), Head { journal, seq: 0, hash: Hash::NONE })
}

pub(crate) fn roster(agents: &[&TestAgent], receipt: Option<&SealingKey>) -> Roster {
    Roster {
        version: 3,
        issued: Utc(0),
        expires: Utc(i64::MAX),
        roots: vec![],
        root_threshold: 1,
        approvers: vec![],
        receipt_keys: receipt
            .map(|key| NamedKey { name: "receipts".to_owned(), key: key.public() })
            .into_iter()
            .collect(),
        command_keys: vec![],
        agents: agents
            .iter()
            .map(|one| AgentKey {
                agent: one.agent.clone(),
                site: SITE.to_owned(),
                key: one.key.public(),
            })
            .collect(),
        thresholds: Thresholds { qa: 1, qp: 1 },
        revoked: Vec::new(),
    }
}

pub(crate) fn verifier(agents: &[&TestAgent]) -> Arc<Verifier> {
    Arc::new(Verifier::new(roster(agents, None), OwnClock::Trusted))
}

/// Identity and `prev` are the chain's.
pub(crate) fn common(unit: Option<&str>) -> Common {
    Common {
        identity: Identity { agent: String::new(), journal: JOURNAL, seq: 0 },
        prev: Hash::NONE,
        boot: 1,
        utc: NOW,
        mono: Mono(60_000_000_000),
        clock: Clock { sync: ClockSync::Synchronised, error_bound_us: 400, offset_us: 0 },
        master_file: 1,
        unit: unit.map(str::to_owned),
        batch: unit.map(|_| "B-17".to_owned()),
        phase: unit.map(|_| "expansion".to_owned()),
    }
}

pub(crate) fn health() -> Body {
    Body::Health(Health { figures: BTreeMap::from([("uptime_s".to_owned(), Datum::from(30_u64))]) })
}

pub(crate) fn event(kind: EventKind, details: BTreeMap<String, Datum>) -> Body {
    Body::Event(Event { kind, at: Mono(60_000_000_000), text: kind.word().to_owned(), details })
}

/// Names parameter `index`.
pub(crate) fn parameter(index: i64, name: &str, unit_of_measure: &str, decimals: i64) -> Datum {
    Datum::List(vec![
        Datum::Integer(index),
        Datum::from(name),
        Datum::from(unit_of_measure),
        Datum::Integer(decimals),
        Datum::from("reactor-1"),
        Datum::Bytes(vec![9; 32]),
    ])
}

/// The same with its part and the words of an enumeration, as newer agents say it.
pub(crate) fn parameter_of(entry: Datum, part: &str, words: &[(i64, &str)]) -> Datum {
    let Datum::List(mut items) = entry else { panic!("an entry is a list") };
    let word =
        |(number, word): &(i64, &str)| Datum::List(vec![(*number).into(), Datum::from(*word)]);
    items.extend([Datum::from(part), Datum::List(words.iter().map(word).collect())]);
    Datum::List(items)
}

/// A frame of one sample a parameter, taken one second before the record.
pub(crate) fn frame(samples: &[(u16, Option<f64>, Quality)]) -> Body {
    let columns = samples
        .iter()
        .map(|(parameter, value, quality)| Column {
            parameter: *parameter,
            decimals: 2,
            track: 0,
            samples: vec![Sample {
                value: value.map(Value::Number),
                quality: *quality,
                raw: if quality.has_raw_words() { [1, 2].as_slice().into() } else { Words::new() },
                stamp: None,
            }],
        })
        .collect();
    Body::Telemetry(Frame { from: Mono(59_000_000_000), tracks: vec![Track(vec![0])], columns })
}

pub(crate) fn alarm(id: &str, transition: AlarmTransition, state: IsaState) -> AlarmChange {
    AlarmChange {
        alarm: id.to_owned(),
        source: "temperature".to_owned(),
        kind: LimitKind::HighHigh,
        transition,
        state,
        priority: Priority::Critical,
        occurrence: 1,
        at: Mono(59_500_000_000),
        value: Some(38.5),
        limit: Some(38.0),
        quality: Quality::Good,
        person: None,
        comment: None,
        regions: 1,
        until: None,
    }
}

/// Records in memory.
#[derive(Default)]
pub(crate) struct InMemory {
    pub(crate) held: BTreeMap<Identity, Hash>,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Records for InMemory {
    type Error = Infallible;

    fn payload_hash(&mut self, identity: &Identity) -> Result<Option<Hash>, Infallible> {
        Ok(self.held.get(identity).copied())
    }

    fn held_after(&mut self, identity: &Identity, key: KeyId) -> Result<Option<u64>, Infallible> {
        let of_key = |outcome: &Outcome| match outcome {
            Outcome::Accepted(accepted) => {
                let found = &accepted.checked.record.common.identity;
                let same = (&found.agent, found.journal) == (&identity.agent, identity.journal);
                (same && found.seq > identity.seq && accepted.checked.key == key)
                    .then_some(found.seq)
            }
            Outcome::Duplicate(_)
            | Outcome::NoRoom(_)
            | Outcome::Refused(_)
            | Outcome::Summary(_)
            | Outcome::Unsigned(_)
            | Outcome::Ignored => None,
        };
        Ok(self.outcomes.iter().filter_map(of_key).min())
    }

    fn keep(&mut self, outcome: &Outcome) -> Result<(), Infallible> {
        if let Outcome::Accepted(accepted) = outcome {
            let identity = accepted.checked.record.common.identity.clone();
            let before = self.held.insert(identity, accepted.checked.hash);
            assert_eq!(before, None, "nothing is accepted twice");
        }
        self.outcomes.push(outcome.clone());
        Ok(())
    }
}

/// Hooks that look into the database each time they are called: what is acknowledged or receipted
/// must be there.
pub(crate) struct Watching {
    pub(crate) database: PathBuf,
    pub(crate) utc: Utc,
    pub(crate) mono: Arc<AtomicU64>,
    pub(crate) seen: Arc<Mutex<Seen>>,
}

/// What the hooks were called with.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) acknowledged: Vec<u64>,
    pub(crate) receipts: Vec<Issued>,
    pub(crate) completeness: Vec<IssuedCompleteness>,
    pub(crate) confirmed: Vec<u64>,
    pub(crate) commits: usize,
    pub(crate) oversight: Vec<OversightChange>,
}

impl Watching {
    pub(crate) fn new(database: &Path) -> Self {
        Self {
            database: database.to_owned(),
            utc: NOW,
            mono: Arc::new(AtomicU64::new(1)),
            seen: Arc::default(),
        }
    }

    fn committed(&self, condition: &str) -> i64 {
        let connection = open_read_only(&self.database).unwrap();
        let sql = format!("SELECT count(*) FROM records WHERE {condition}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }
}

/// An acknowledgement is the number of records that must be committed before it.
impl Hooks<u64> for Watching {
    fn now(&self) -> (Utc, Mono) {
        (self.utc, Mono(self.mono.load(Ordering::Relaxed)))
    }

    fn acknowledge(&mut self, records: u64) {
        let committed = u64::try_from(self.committed("true")).unwrap();
        assert!(committed >= records, "acknowledged at {committed} of {records}");
        self.seen.lock().unwrap().acknowledged.push(records);
    }

    fn receipt(&mut self, issued: &Issued) -> bool {
        let through = issued.receipt.through;
        let journal = issued.receipt.journal;
        let here =
            format!("journal_id = (SELECT id FROM journal_state WHERE journal = x'{journal}')");
        let committed = self.committed(&format!("{here} AND seq BETWEEN 1 AND {through}"));
        assert_eq!(u64::try_from(committed).unwrap(), through, "a receipt is never ahead");
        if through > 0 {
            let held =
                format!("{here} AND seq = {through} AND payload_hash = x'{}'", issued.receipt.hash);
            assert_eq!(self.committed(&held), 1, "a receipt names the hash that is held");
        }
        self.seen.lock().unwrap().receipts.push(issued.clone());
        true
    }

    fn completeness(&mut self, issued: &IssuedCompleteness) -> bool {
        let seq = issued.receipt.seal_seq;
        assert_eq!(
            self.committed(&format!("seq = {seq}")),
            1,
            "a seal is answered once it is held"
        );
        self.seen.lock().unwrap().completeness.push(issued.clone());
        true
    }

    fn confirmed(&mut self, _: &str, _: JournalId, seal_seq: u64) {
        self.seen.lock().unwrap().confirmed.push(seal_seq);
    }

    fn unsigned(&mut self, _: UnsignedMessage) {}

    fn oversight(&mut self, change: &OversightChange) {
        self.seen.lock().unwrap().oversight.push(change.clone());
    }

    fn changed(&mut self) {
        self.seen.lock().unwrap().commits += 1;
    }
}

/// A database, and what is needed to write to it again and again.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) receipt_key: Arc<SealingKey>,
    pub(crate) now: Utc,
}

impl Site {
    pub(crate) fn new(agents: &[&TestAgent]) -> Self {
        let (receipt_key, _) = SealingKey::generate().unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            verifier: verifier(agents),
            receipt_key: Arc::new(receipt_key),
            now: NOW,
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("control-site.db")
    }

    /// Starts a writer, gives it these messages (topic, payload), and ends it.
    pub(crate) fn write(&self, messages: &[(String, Vec<u8>)]) -> Arc<Mutex<Seen>> {
        let shelf = Shelf::new(open(&self.database()).unwrap()).unwrap();
        let mut hooks = Watching::new(&self.database());
        hooks.utc = self.now;
        let seen = Arc::clone(&hooks.seen);
        let (verifier, key) = (Arc::clone(&self.verifier), Arc::clone(&self.receipt_key));
        let mut writer = Writer::resume(shelf, verifier, key, 1_000, hooks).unwrap();
        let (jobs, queue) = sync_channel(messages.len() + 1);
        jobs.send(Job::Connection(true)).unwrap();
        for (topic, payload) in messages {
            let checked = self.verifier.check(topic, payload, self.now);
            jobs.send(Job::Message { checked, acknowledgement: 0 }).unwrap();
        }
        drop(jobs);
        writer.run(&queue).unwrap();
        seen
    }

    pub(crate) fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = open_read_only(&self.database()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }
}
