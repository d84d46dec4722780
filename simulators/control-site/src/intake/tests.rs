//! Every reason for a refusal, one by one, and what a journal's state says.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_model::{Clock, ClockSync, IsaState, Mono, Priority, Utc};
use cellwatch_record::{
    AlarmSummary, Body, Common, Datum, EventKind, Hash, JournalId, Missing, RECEIPT_CONTENT_TYPE,
    RECORD_CONTENT_TYPE, SUMMARY_CONTENT_TYPE, StandingAlarm, bundle,
};
use cellwatch_seal::{SealingKey, seal};

use super::rotations::rotation;
use super::{ISLANDS_MAX, Intake, Outcome, Oversight, OwnClock, Reason, Verifier};
use crate::testing::{
    AGENT, InMemory, JOURNAL, NOW, SITE, TestAgent, UNIT, chain, common, event, frame, health,
    roster, verifier,
};

/// An intake, its records, and two rostered agents.
struct Bench {
    intake: Intake,
    records: InMemory,
    agent: TestAgent,
    other: TestAgent,
}

impl Bench {
    fn new() -> Self {
        let agent = TestAgent::new(AGENT, JOURNAL);
        let other = TestAgent::new("cw-02", JournalId([8; 16]));
        let intake = Intake::new(verifier(&[&agent, &other]), BTreeMap::new(), BTreeMap::new());
        Self { intake, records: InMemory::default(), agent, other }
    }

    fn send(&mut self, rest: &str, payload: &[u8]) -> Vec<Outcome> {
        let topic = self.agent.topic(rest);
        self.intake.handle(&topic, payload, NOW, &mut self.records).unwrap()
    }

    /// Sends, and gives the reason of the refusal that must follow.
    fn refusal(&mut self, rest: &str, payload: &[u8]) -> Reason {
        let topic = self.agent.topic(rest);
        self.refusal_at(&topic, payload)
    }

    fn refusal_at(&mut self, topic: &str, payload: &[u8]) -> Reason {
        let outcomes = self.intake.handle(topic, payload, NOW, &mut self.records).unwrap();
        let [Outcome::Refused(refusal)] = outcomes.as_slice() else {
            panic!("expected one refusal, got {outcomes:?}")
        };
        assert_eq!(refusal.topic, topic);
        assert!(!refusal.detail.is_empty(), "a refusal tells people why");
        assert_eq!(self.records.outcomes.last(), outcomes.last(), "the evidence is kept");
        refusal.reason
    }

    fn progress(&self) -> &super::Progress {
        &self.intake.journals()[&(AGENT.to_owned(), JOURNAL)]
    }
}

type Attack = fn(&mut Bench) -> Reason;

/// One attack or mistake for each reason.
const REFUSALS: &[(Reason, Attack)] = &[
    (Reason::UnknownTopic, |b| b.refusal("something/else/there", b"x")),
    (Reason::UnknownTopic, |b| b.refusal_at("cellwatch/2/a/b/health", b"x")),
    (Reason::NotJson, |b| b.refusal("presence", b"{online")),
    (Reason::NotABundle, |b| b.refusal("backfill", b"\x83")),
    (Reason::NotASeal, |b| b.refusal("health", b"not COSE")),
    (Reason::NotASeal, |b| {
        let mut sealed = b.agent.healths(1).remove(0);
        sealed.push(0);
        b.refusal("health", &sealed)
    }),
    (Reason::ContentType, |b| {
        let (_, payload) = b.agent.chain.append(common(None), health());
        let sealed = seal(&b.agent.key, RECEIPT_CONTENT_TYPE, &payload);
        b.refusal("health", &sealed)
    }),
    (Reason::UnknownAgent, |b| {
        let sealed = b.agent.healths(1).remove(0);
        b.refusal_at(&format!("cellwatch/1/{SITE}/cw-99/health"), &sealed)
    }),
    (Reason::WrongSite, |b| {
        let sealed = b.agent.healths(1).remove(0);
        b.refusal_at(&format!("cellwatch/1/madrid-1/{AGENT}/health"), &sealed)
    }),
    (Reason::UnknownKey, |b| {
        let (stranger, _) = SealingKey::generate().unwrap();
        let (_, payload) = b.agent.chain.append(common(None), health());
        let sealed = seal(&stranger, RECORD_CONTENT_TYPE, &payload);
        b.refusal("health", &sealed)
    }),
    // Another rostered agent's key is as unknown for this agent as a stranger's.
    (Reason::UnknownKey, |b| {
        let sealed = b.other.healths(1).remove(0);
        b.refusal("health", &sealed)
    }),
    (Reason::BadSignature, |b| {
        let mut sealed = b.agent.healths(1).remove(0);
        *sealed.last_mut().unwrap() ^= 1;
        b.refusal("health", &sealed)
    }),
    (Reason::BadRotation, |b| {
        let (new, _) = SealingKey::generate().unwrap();
        let sealed = rotation(&mut b.agent, &new, JournalId([9; 16]));
        b.refusal("event", &sealed)
    }),
    (Reason::RetiredKey, |b| {
        let (new, _) = SealingKey::generate().unwrap();
        let sealed = rotation(&mut b.agent, &new, JOURNAL);
        assert!(matches!(b.send("event", &sealed).as_slice(), [Outcome::Accepted(_)]));
        let sealed = b.agent.healths(1).remove(0);
        b.refusal("health", &sealed)
    }),
    (Reason::NotARecord, |b| {
        let sealed = seal(&b.agent.key, RECORD_CONTENT_TYPE, b"\xa0");
        b.refusal("health", &sealed)
    }),
    (Reason::NotASummary, |b| {
        let sealed = seal(&b.agent.key, SUMMARY_CONTENT_TYPE, b"\xa0");
        b.refusal(&format!("{UNIT}/alarms"), &sealed)
    }),
    (Reason::WrongAgent, |b| {
        let (_, payload) = chain("cw-02", JOURNAL).append(common(None), health());
        let sealed = seal(&b.agent.key, RECORD_CONTENT_TYPE, &payload);
        b.refusal("health", &sealed)
    }),
    (Reason::WrongUnit, |b| {
        let sealed = b.agent.seal(common(Some("BX-02")), frame(&[]));
        b.refusal(&format!("{UNIT}/telemetry"), &sealed)
    }),
    (Reason::WrongUnit, |b| {
        let sealed = summary(b, "BX-02");
        b.refusal(&format!("{UNIT}/alarms"), &sealed)
    }),
    (Reason::WrongKind, |b| {
        let sealed = b.agent.healths(1).remove(0);
        b.refusal("event", &sealed)
    }),
    (Reason::FromTheFuture, |b| {
        let sealed = b.agent.seal(ahead(301, ClockSync::Synchronised), health());
        b.refusal("health", &sealed)
    }),
    (Reason::ClockAhead, |b| {
        let sealed = b.agent.seal(ahead(301, ClockSync::Unsynchronised), health());
        assert!(matches!(b.send("health", &sealed).as_slice(), [Outcome::Accepted(_)]));
        last_refusal(b)
    }),
    (Reason::BadSequence, |b| {
        let record = cellwatch_record::Record { common: common(None), body: health() };
        let mut record = record;
        record.common.identity.agent = AGENT.to_owned();
        let payload = cellwatch_record::encode(&record);
        let sealed = seal(&b.agent.key, RECORD_CONTENT_TYPE, &payload);
        b.refusal("health", &sealed)
    }),
    // The second record of a chain whose first one is not the one that is held.
    (Reason::PrevMismatch, |b| {
        let first = b.agent.healths(1).remove(0);
        b.send("health", &first);
        let forged = fork(b, 2);
        b.refusal("health", &forged)
    }),
    // One that names the right record before it, but is not named by the one after it.
    (Reason::PrevMismatch, |b| {
        let records = b.agent.healths(3);
        b.send("health", &records[0]);
        b.send("health", &records[2]);
        let mut other = cellwatch_record::Chain::new(
            AGENT.to_owned(),
            cellwatch_record::Head { journal: JOURNAL, seq: 1, hash: b.progress().hash() },
        );
        let (_, payload) = other.append(common(None), event(EventKind::Stop, BTreeMap::new()));
        let sealed = seal(&b.agent.key, RECORD_CONTENT_TYPE, &payload);
        b.refusal("event", &sealed)
    }),
    (Reason::Conflict, |b| {
        for sealed in b.agent.healths(2) {
            b.send("health", &sealed);
        }
        let forged = fork(b, 2);
        b.refusal("health", &forged)
    }),
    (Reason::SuccessionMismatch, |b| {
        for sealed in b.agent.healths(5) {
            b.send("health", &sealed);
        }
        begin(b, 3, None);
        last_refusal(b)
    }),
    (Reason::SuccessionMismatch, |b| {
        for sealed in b.agent.healths(3) {
            b.send("health", &sealed);
        }
        begin(b, 3, Some(Hash([1; 32])));
        last_refusal(b)
    }),
    (Reason::TooManyJournals, |b| {
        for number in 0..u16::try_from(super::JOURNALS_PER_AGENT_MAX).unwrap() {
            let mut id = [1; 16];
            id[..2].copy_from_slice(&number.to_be_bytes());
            b.agent.chain = chain(AGENT, JournalId(id));
            let sealed = b.agent.healths(1).remove(0);
            b.send("health", &sealed);
        }
        b.agent.chain = chain(AGENT, JOURNAL);
        let sealed = b.agent.healths(1).remove(0);
        b.refusal("health", &sealed)
    }),
];

/// A record with this sequence number of another chain with the same journal id.
fn fork(bench: &Bench, seq: u64) -> Vec<u8> {
    let mut forked = chain(AGENT, JOURNAL);
    let mut last = Vec::new();
    for _ in 0..seq {
        let mut common = common(None);
        common.boot = 99;
        last = forked.append(common, health()).1;
    }
    seal(&bench.agent.key, RECORD_CONTENT_TYPE, &last)
}

/// The agent begins a journal that says how far the one before reached.
fn begin(bench: &mut Bench, previous_seq: u64, previous_hash: Option<Hash>) -> Vec<Outcome> {
    let mut details = BTreeMap::from([
        ("previous".to_owned(), Datum::Bytes(JOURNAL.0.to_vec())),
        ("previous_seq".to_owned(), Datum::from(previous_seq)),
    ]);
    if let Some(hash) = previous_hash {
        details.insert("previous_hash".to_owned(), Datum::Bytes(hash.0.to_vec()));
    }
    bench.agent.chain = chain(AGENT, JournalId([9; 16]));
    let sealed = bench.agent.seal(common(None), event(EventKind::JournalBegun, details));
    bench.send("event", &sealed)
}

/// So many seconds ahead of the Control Site's clock.
fn ahead(seconds: i64, sync: ClockSync) -> Common {
    let clock = Clock { sync, ..Clock::default() };
    Common { utc: Utc(NOW.0 + seconds * 1_000_000_000), clock, ..common(None) }
}

fn last_refusal(bench: &Bench) -> Reason {
    match bench.records.outcomes.last() {
        Some(Outcome::Refused(refusal)) => refusal.reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn summary(bench: &Bench, unit: &str) -> Vec<u8> {
    let summary = AlarmSummary {
        agent: AGENT.to_owned(),
        journal: JOURNAL,
        unit: unit.to_owned(),
        as_of_seq: 4,
        utc: NOW,
        mono: Mono(60_000_000_000),
        standing: vec![StandingAlarm {
            alarm: "TEMP.HH".to_owned(),
            source: "temperature".to_owned(),
            state: IsaState::Unacknowledged,
            priority: Priority::Critical,
            raised: Mono(1),
        }],
    };
    seal(&bench.agent.key, SUMMARY_CONTENT_TYPE, &summary.encode())
}

#[test]
fn every_refusal_has_its_own_reason() {
    for (expected, attack) in REFUSALS {
        assert_eq!(attack(&mut Bench::new()), *expected);
    }
    let tested: BTreeSet<Reason> = REFUSALS.iter().map(|(reason, _)| *reason).collect();
    let all: BTreeSet<Reason> = Reason::ALL.iter().copied().collect();
    assert_eq!(tested, all, "each reason has a case");
    let words: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(words.len(), all.len(), "each reason has a word of its own");
    println!("{} cases", REFUSALS.len());
}

#[test]
fn a_refused_record_leaves_its_place_open() {
    let mut bench = Bench::new();
    let records = bench.agent.healths(3);
    bench.send("health", &records[0]);
    let mut damaged = records[1].clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(bench.refusal("health", &damaged), Reason::BadSignature);
    bench.send("health", &records[2]);
    assert_eq!(bench.progress().through(), 1);
    assert_eq!(bench.progress().missing(9), [Missing { first: 2, last: 2 }]);
    bench.send("health", &records[1]);
    assert_eq!(bench.progress().through(), 3);
}

#[test]
fn every_topic_takes_what_belongs_there() {
    let mut bench = Bench::new();
    let agent = &mut bench.agent;
    let sealed = [
        ("health", agent.seal(common(None), health())),
        ("event", agent.seal(common(Some(UNIT)), event(EventKind::Link, BTreeMap::new()))),
        ("BX-01/telemetry", agent.seal(common(Some(UNIT)), frame(&[]))),
        ("BX-01/alarm", agent.seal(common(Some(UNIT)), alarm_body())),
        ("alarm", agent.seal(common(None), alarm_body())),
    ];
    for (rest, sealed) in &sealed {
        let outcomes = bench.send(rest, sealed);
        assert!(matches!(outcomes.as_slice(), [Outcome::Accepted(_)]), "{rest}: {outcomes:?}");
    }
    let again: Vec<Vec<u8>> = sealed.iter().map(|(_, sealed)| sealed.clone()).collect();
    let outcomes = bench.send("backfill", &bundle::encode(&again));
    assert!(outcomes.iter().all(|one| matches!(one, Outcome::Duplicate(_))));
    assert_eq!(bench.progress().counts.duplicates, 5);
    let sealed = summary(&bench, UNIT);
    assert!(matches!(bench.send("BX-01/alarms", &sealed).as_slice(), [Outcome::Summary(_)]));
    assert!(matches!(bench.send("presence", b"{}").as_slice(), [Outcome::Unsigned(_)]));
    assert!(matches!(bench.send("BX-01/values", b"").as_slice(), [Outcome::Ignored]));
    assert!(matches!(bench.send("down/receipt", b"x").as_slice(), [Outcome::Ignored]));
    println!("{} cases", sealed.len() + 9);
}

fn alarm_body() -> Body {
    let raised = cellwatch_model::AlarmTransition::Raised;
    Body::Alarm(crate::testing::alarm("TEMP.HH", raised, IsaState::Unacknowledged))
}

#[test]
fn a_simulated_clock_judges_nothing() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let simulated = Verifier::new(roster(&[&agent], None), OwnClock::Simulated);
    let mut later = common(None);
    later.utc = Utc(NOW.0 + 10_000_000_000_000);
    let sealed = agent.seal(later, health());
    let checked = simulated.check(&agent.topic("health"), &sealed, NOW);
    assert!(matches!(checked.as_slice(), [super::Checked::Record(_)]));
}

#[test]
fn islands_are_bounded_and_what_is_dropped_stays_missing() {
    let mut bench = Bench::new();
    let records = bench.agent.healths(2 * ISLANDS_MAX + 4);
    for sealed in records.iter().skip(1).step_by(2) {
        bench.send("health", sealed);
    }
    let progress = bench.progress();
    assert_eq!(progress.islands(), ISLANDS_MAX);
    assert_eq!(progress.counts.no_room, 2);
    assert_eq!(progress.highest(), 2 * ISLANDS_MAX as u64);
    for sealed in &records {
        bench.send("health", sealed);
    }
    let progress = bench.progress();
    assert_eq!(progress.through(), records.len() as u64);
    assert_eq!(progress.counts.verified, records.len() as u64);
    assert_eq!(progress.missing_totals(), (0, 0));
}

#[test]
fn a_new_journal_tells_how_far_the_one_before_reached() {
    let mut bench = Bench::new();
    let records = bench.agent.healths(5);
    let last_hash = bench.agent.chain.head().hash;
    for sealed in &records[..3] {
        bench.send("health", sealed);
    }
    let outcomes = begin(&mut bench, 5, Some(last_hash));
    assert!(matches!(outcomes.as_slice(), [Outcome::Accepted(_)]));
    assert_eq!(bench.progress().missing(9), [Missing { first: 4, last: 5 }]);
    for sealed in &records[3..] {
        bench.send("health", sealed);
    }
    assert_eq!(bench.progress().missing_totals(), (0, 0));
    assert_eq!(bench.intake.journals().len(), 2);
}

// Req: LAW-03, LAW-12
#[test]
fn what_a_clock_that_nobody_vouches_for_puts_ahead_is_held_and_shown() {
    use ClockSync::{Synchronised, Unknown, Unsynchronised};
    let mut bench = Bench::new();
    let shown = |bench: &Bench| {
        let is_shown = |one: &&Outcome| matches!(one, Outcome::Refused(refusal) if refusal.reason == Reason::ClockAhead);
        bench.records.outcomes.iter().filter(is_shown).count()
    };
    let corrected = event(EventKind::ClockCorrected, BTreeMap::new());
    // A day ahead before the first synchronisation, then corrected; ahead once more.
    let cases = [
        ("health", ahead(86_400, Unknown), health(), 1),
        ("health", ahead(86_430, Unsynchronised), health(), 1),
        ("event", ahead(0, Synchronised), corrected, 1),
        ("health", ahead(30, Synchronised), health(), 1),
        ("health", ahead(400, Unsynchronised), health(), 2),
    ];
    for (seq, (topic, common, body, expected)) in (1..).zip(&cases) {
        let sealed = bench.agent.seal(common.clone(), body.clone());
        let outcomes = bench.send(topic, &sealed);
        assert!(matches!(outcomes.as_slice(), [Outcome::Accepted(_)]), "{seq}: {outcomes:?}");
        assert_eq!((bench.progress().through(), shown(&bench)), (seq, *expected), "no hole");
    }
    let sealed = bench.agent.seal(ahead(400, Synchronised), health());
    assert_eq!(bench.refusal("health", &sealed), Reason::FromTheFuture);
    println!("ahead: {} cases", cases.len() + 1);
}

// Req: LAW-12
#[test]
fn silence_is_found_after_90_s_and_ends_with_signed_health() {
    // Monotonic seconds since the start, and a wall clock that is stepped by a day, forth and back.
    let mono = |s: u64| Mono(s * 1_000_000_000);
    for step_s in [0, 86_400, -86_400] {
        let at = |s: u64| {
            let stepped = if (40..125).contains(&s) { step_s } else { 0 };
            Utc(NOW.0 + (s.cast_signed() + stepped) * 1_000_000_000)
        };
        let mut oversight = Oversight::new(mono(0));
        oversight.resume(AGENT, Some(at(0)), false);
        let tick = |oversight: &mut Oversight, s: u64| oversight.tick(at(s), mono(s));
        for s in [39, 40, 41, 90] {
            assert!(tick(&mut oversight, s).is_empty(), "{step_s}: {s}");
        }
        let lost = tick(&mut oversight, 91);
        assert!(lost.len() == 1 && lost[0].lost && lost[0].at == at(91), "{step_s}");
        assert!(tick(&mut oversight, 92).is_empty(), "said once");
        assert!(!oversight.health(AGENT, at(100), mono(100)).expect("regained").lost);
        assert!(oversight.health(AGENT, at(130), mono(130)).is_none());
        assert!(tick(&mut oversight, 220).is_empty(), "{step_s}");
        assert_eq!(tick(&mut oversight, 221)[0].last_health, Some(at(130)));
    }
    println!("silence: 3 steps of the clock");
}
