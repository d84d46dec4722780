//! Restart, group commit, views.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use cellwatch_model::{AlarmTransition, Cause, IsaState, Mono, Priority, Quality};
use cellwatch_record::{
    AlarmSummary, Body, Datum, EventKind, JournalId, Missing, RECEIPT_CONTENT_TYPE, Receipt,
    SUMMARY_CONTENT_TYPE, StandingAlarm, bundle,
};
use cellwatch_seal::{Sealer, seal};

use super::{COMMIT_RECORDS_MAX, Job, Shelf, StoreError, Writer, open};
use crate::intake::Intake;
use crate::testing::{
    AGENT, JOURNAL, NOW, Site, TestAgent, UNIT, Watching, alarm, common, event, frame, health,
    parameter, parameter_of,
};

fn at(agent: &TestAgent, rest: &str, sealed: Vec<u8>) -> (String, Vec<u8>) {
    (agent.topic(rest), sealed)
}

fn healths(agent: &mut TestAgent, count: usize) -> Vec<(String, Vec<u8>)> {
    let sealed = agent.healths(count);
    sealed.into_iter().map(|sealed| at(agent, "health", sealed)).collect()
}

#[test]
fn a_restart_goes_on_where_the_database_is() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let all = healths(&mut agent, 10);
    let pick = |seqs: &[usize]| seqs.iter().map(|seq| all[seq - 1].clone()).collect::<Vec<_>>();
    site.write(&pick(&[1, 2, 3, 6, 7, 9]));
    assert_eq!(site.query::<i64>("SELECT through FROM journals"), 3);
    assert_eq!(site.query::<i64>("SELECT gaps FROM journals"), 2);
    assert_eq!(site.query::<i64>("SELECT missing FROM journals"), 3);

    let seen = site.write(&pick(&[2, 7, 5, 10]));
    assert_eq!(site.query::<i64>("SELECT duplicates FROM journals"), 2);
    assert_eq!(site.query::<i64>("SELECT verified FROM journals"), 8);
    let first = seen.lock().unwrap().receipts[0].receipt.clone();
    assert_eq!(first.missing, [Missing { first: 4, last: 4 }, Missing { first: 8, last: 8 }]);

    let seen = site.write(&pick(&[4, 8]));
    let last = seen.lock().unwrap().receipts.last().unwrap().receipt.clone();
    assert_eq!((last.through, last.missing, last.highest), (10, vec![], 10));
    assert_eq!(last.hash, agent.chain.head().hash);
    assert_eq!(site.query::<i64>("SELECT count(*) FROM records"), 10);
    assert_eq!(site.query::<i64>("SELECT gaps + missing FROM journals"), 0);
}

#[test]
fn the_state_read_back_is_the_state_that_was_left() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let all = healths(&mut agent, 30);
    let mut shelf = Shelf::new(open(&site.database()).unwrap()).unwrap();
    let mut intake = Intake::new(Arc::clone(&site.verifier), BTreeMap::new(), BTreeMap::new());
    for seq in [1, 2, 5, 4, 9, 20, 21, 19, 2, 28] {
        let (topic, sealed) = &all[seq - 1];
        shelf.begin().unwrap();
        intake.handle(topic, sealed, NOW, &mut shelf).unwrap();
        shelf.commit(intake.journals(), NOW).unwrap();
        assert_eq!(shelf.journals().unwrap(), *intake.journals(), "after seq {seq}");
    }
    println!("10 cases");
}

#[test]
fn acknowledgements_and_receipts_follow_the_commit() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let count = 2 * COMMIT_RECORDS_MAX + 100;
    let hooks = Watching::new(&site.database());
    let seen = Arc::clone(&hooks.seen);
    let shelf = Shelf::new(open(&site.database()).unwrap()).unwrap();
    let (verifier, key) = (Arc::clone(&site.verifier), Arc::clone(&site.receipt_key));
    let mut writer = Writer::resume(shelf, verifier, key, 0, hooks).unwrap();
    let (jobs, queue) = sync_channel(count + 1);
    jobs.send(Job::Connection(true)).unwrap();
    for (number, (topic, sealed)) in healths(&mut agent, count).into_iter().enumerate() {
        let checked = site.verifier.check(&topic, &sealed, NOW);
        // The hook asserts that as many records as this are committed when it is called.
        jobs.send(Job::Message { checked, acknowledgement: number as u64 + 1 }).unwrap();
    }
    drop(jobs);
    writer.run(&queue).unwrap();
    let seen = seen.lock().unwrap();
    let expected: Vec<u64> = (1..=count as u64).collect();
    assert_eq!(seen.acknowledged, expected, "each once, in order");
    assert!(seen.commits >= 3, "at most {COMMIT_RECORDS_MAX} records in one commit");
    assert!(seen.commits < count / 2, "records are committed in groups");
    let last = seen.receipts.last().unwrap();
    assert_eq!(last.receipt.through, count as u64);
    let opened = cellwatch_seal::open(&last.sealed).unwrap();
    let verified = opened.verify(RECEIPT_CONTENT_TYPE, &site.receipt_key.public()).unwrap();
    assert_eq!(Receipt::decode(verified.get()).unwrap(), last.receipt);
    println!("{count} cases");
}

#[test]
fn nothing_of_a_transaction_that_failed_is_there() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let all = healths(&mut agent, 2);
    site.write(&all[..1]);
    let mut shelf = Shelf::new(open(&site.database()).unwrap()).unwrap();
    let journals = shelf.journals().unwrap();
    let mut intake = Intake::new(Arc::clone(&site.verifier), journals.clone(), BTreeMap::new());
    shelf.begin().unwrap();
    intake.handle(&all[1].0, &all[1].1, NOW, &mut shelf).unwrap();
    drop(shelf); // as a crash before the commit
    let shelf = Shelf::new(open(&site.database()).unwrap()).unwrap();
    assert_eq!(shelf.journals().unwrap(), journals);
}

#[test]
fn one_writer_only_and_only_our_own_files() {
    let site = Site::new(&[]);
    let first = open(&site.database()).unwrap();
    assert!(matches!(open(&site.database()), Err(StoreError::Busy { .. })));
    first.connection.execute_batch("PRAGMA user_version = 77").unwrap();
    drop(first);
    assert!(matches!(open(&site.database()), Err(StoreError::Version { found: 77, .. })));
    let text = site.folder.path().join("text");
    std::fs::write(&text, "this is no database, and long enough to show it".repeat(20)).unwrap();
    assert!(matches!(open(&text), Err(StoreError::Open { .. })));
}

#[test]
fn an_older_database_is_brought_up_and_keeps_what_it_holds() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let all = healths(&mut agent, 6);
    for version in [2, 3] {
        site.write(&all[..3]);
        // As it was then: without the tables that came later, and with its own views.
        let database = rusqlite::Connection::open(site.database()).unwrap();
        let seals =
            if version < 3 { "DROP VIEW batch_completeness; DROP TABLE batch_seals;" } else { "" };
        let then = format!(
            "DROP VIEW journal_seals; DROP TABLE journal_keys; {seals} PRAGMA user_version = {version}"
        );
        database.execute_batch(&then).unwrap();
        drop(database);
        site.write(&all[3..]);
        assert_eq!(site.query::<i64>("PRAGMA user_version"), 4);
        assert_eq!(site.query::<i64>("SELECT through FROM journals"), 6);
        assert_eq!(site.query::<i64>("SELECT count(*) FROM batch_completeness"), 0);
        assert!(site.query::<i64>("SELECT count(*) FROM journal_seals") <= 1);
    }
    let database = rusqlite::Connection::open(site.database()).unwrap();
    database.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(database);
    let refused = open(&site.database()).unwrap_err().to_string();
    assert!(refused.contains("brings up 2 and 3"), "{refused}");
    println!("older databases: 3 versions");
}

#[test]
fn values_get_their_names_whenever_the_configuration_comes() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let good = Quality::Good;
    let first =
        agent.seal(common(Some(UNIT)), frame(&[(0, Some(36.9), good), (1, Some(7.1), good)]));
    let details = BTreeMap::from([(
        "parameters".to_owned(),
        Datum::List(vec![parameter(0, "temperature", "°C", 1), parameter(1, "pH", "pH", 2)]),
    )]);
    let configuration = agent.seal(common(Some(UNIT)), event(EventKind::Configuration, details));
    let mut later = common(Some(UNIT));
    later.utc.0 += 5_000_000_000;
    let bad = Quality::Bad(Cause::Timeout);
    let second = agent.seal(later, frame(&[(0, Some(37.0), good), (1, None, bad)]));

    site.write(&[at(&agent, "BX-01/telemetry", first)]);
    let names = "SELECT group_concat(parameter, ' ' ORDER BY parameter_index) FROM latest_values";
    assert_eq!(site.query::<String>(names), "#0 #1");
    site.write(&[at(&agent, "BX-01/telemetry", second)]);
    site.write(&[at(&agent, "event", configuration)]);
    assert_eq!(site.query::<String>(names), "temperature pH");
    let temperature = "FROM latest_values WHERE parameter = 'temperature'";
    assert_eq!(site.query::<String>(&format!("SELECT unit_of_measure {temperature}")), "°C");
    assert_eq!(site.query::<String>(&format!("SELECT value || ' ' {temperature}")), "37.0 ");
    // One second before the record, which was made 5 s after NOW.
    let sampled: i64 = site.query(&format!("SELECT at_ns {temperature}"));
    assert_eq!(sampled, NOW.0 + 4_000_000_000);
    let ph: String = site.query("SELECT quality_words FROM latest_values WHERE parameter = 'pH'");
    assert_eq!(ph, "bad: no answer");
    assert_eq!(site.query::<i64>("SELECT count(*) FROM readings"), 4);
    assert_eq!(site.query::<String>("SELECT batch || phase FROM units"), "B-17expansion");
}

#[test]
fn parts_and_words_are_kept_and_older_records_have_none() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let part = |index, name, part, words: &[(i64, &str)]| {
        parameter_of(parameter(index, name, "1", 0), part, words)
    };
    let phases = [(0, "idle"), (4, "expansion")];
    let mut seven = part(6, "HALF", "process", &[]);
    let mut odd = part(7, "ODD", "process", &[(1, "one")]);
    if let (Datum::List(seven), Datum::List(odd)) = (&mut seven, &mut odd) {
        seven.truncate(7);
        odd[6] = Datum::Integer(3);
        odd[7] = Datum::List(vec![Datum::from("no pair"), Datum::List(vec![Datum::Integer(1)])]);
    }
    let list = vec![
        parameter(0, "OLD", "1", 0),
        part(1, "PHASE", "phase", &phases),
        part(2, "TEMP.SP", "set-point", &[]),
        part(3, "BEAT", "heartbeat", &[]),
        part(4, "UPTIME", "of-a-later-version", &[]),
        part(5, "DOOR", "process", &[(0, "closed"), (1, "open \"wide\"")]),
        seven,
        odd,
    ];
    let count = list.len();
    let details = BTreeMap::from([("parameters".to_owned(), Datum::List(list))]);
    let configuration = agent.seal(common(Some(UNIT)), event(EventKind::Configuration, details));
    let good = Quality::Good;
    let values = [7.0, 4.0, 37.0, 13.0, 60.0, 1.0, 5.0, 1.0];
    let samples: Vec<_> =
        (0_u16..).zip(values).map(|(index, value)| (index, Some(value), good)).collect();
    let telemetry = agent.seal(common(Some(UNIT)), frame(&samples));
    site.write(&[at(&agent, "event", configuration), at(&agent, "BX-01/telemetry", telemetry)]);
    let all = |column: &str| {
        site.query::<String>(&format!(
            "SELECT group_concat(coalesce({column}, '-'), ' ' ORDER BY parameter_index) FROM latest_values"
        ))
    };
    assert_eq!(all("parameter"), "OLD PHASE TEMP.SP BEAT UPTIME DOOR HALF ODD");
    assert_eq!(all("part"), "- phase set-point heartbeat other process process -");
    assert_eq!(all("word"), "- expansion - - - open \"wide\" - -");
    println!("{count} cases");
}

#[test]
fn standing_alarms_follow_the_newest_word() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let step = |agent: &mut TestAgent, id: &str, transition, state| {
        agent.seal(common(Some(UNIT)), Body::Alarm(alarm(id, transition, state)))
    };
    let raised = step(&mut agent, "TEMP.HH", AlarmTransition::Raised, IsaState::Unacknowledged);
    let seen = step(&mut agent, "TEMP.HH", AlarmTransition::Acknowledged, IsaState::Acknowledged);
    let back = step(&mut agent, "TEMP.HH", AlarmTransition::Returned, IsaState::Normal);
    let states =
        "SELECT group_concat(alarm || ' ' || state || ' ' || proof, ', ') FROM standing_alarms";
    let standing = || site.query::<Option<String>>(states).unwrap_or_default();

    // Out of order: the older change never replaces the newer one.
    site.write(&[at(&agent, "BX-01/alarm", seen)]);
    site.write(&[at(&agent, "BX-01/alarm", raised)]);
    assert_eq!(standing(), "TEMP.HH ACKED record");
    let latency: f64 =
        site.query("SELECT latency_ms FROM alarm_latency WHERE transition = 'raised'");
    assert!((latency - 500.0).abs() < 1e-6, "the change was 500 ms before the record: {latency}");
    assert_eq!(site.query::<i64>("SELECT worst_priority FROM units"), 1);

    // A summary as of seq 3 says that another alarm stands and this one no longer.
    let sealed = seal(&agent.key, SUMMARY_CONTENT_TYPE, &summary(3, "PH.L").encode());
    site.write(&[at(&agent, "BX-01/alarms", sealed)]);
    assert_eq!(standing(), "PH.L UNACK summary");
    // An older summary, as a broker may retain it, changes nothing.
    let sealed = seal(&agent.key, SUMMARY_CONTENT_TYPE, &summary(2, "TEMP.HH").encode());
    site.write(&[at(&agent, "BX-01/alarms", sealed)]);
    assert_eq!(standing(), "PH.L UNACK summary");
    // The record itself agrees, and a later one knows better.
    let returned = step(&mut agent, "PH.L", AlarmTransition::Returned, IsaState::Normal);
    site.write(&[at(&agent, "BX-01/alarm", back), at(&agent, "BX-01/alarm", returned)]);
    assert_eq!(standing(), "");
    assert_eq!(site.query::<i64>("SELECT count(*) FROM alarm_log"), 4);
}

fn summary(as_of_seq: u64, id: &str) -> AlarmSummary {
    AlarmSummary {
        agent: AGENT.to_owned(),
        journal: JOURNAL,
        unit: UNIT.to_owned(),
        as_of_seq,
        utc: NOW,
        mono: Mono(60_000_000_000),
        standing: vec![StandingAlarm {
            alarm: id.to_owned(),
            source: "temperature".to_owned(),
            state: IsaState::Unacknowledged,
            priority: Priority::Medium,
            raised: Mono(50_000_000_000),
        }],
    }
}

#[test]
fn refusals_are_kept_with_their_bytes_once() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let mut forged = agent.healths(1).remove(0);
    *forged.last_mut().unwrap() ^= 1;
    let message = at(&agent, "health", forged.clone());
    site.write(&[message.clone(), message.clone(), at(&agent, "health", b"junk".to_vec())]);
    site.write(&[message]);
    assert_eq!(site.query::<i64>("SELECT count(*) FROM refusals"), 2);
    let sql = "FROM refusals WHERE reason = 'bad-signature'";
    assert_eq!(site.query::<i64>(&format!("SELECT count {sql}")), 3);
    assert_eq!(site.query::<Vec<u8>>(&format!("SELECT evidence {sql}")), forged);
    assert_eq!(site.query::<i64>("SELECT count(*) FROM records"), 0);
}

#[test]
fn a_bundle_is_no_sign_of_life_and_a_journal_ends_with_its_successor() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let old = agent.healths(2);
    site.write(&[at(&agent, "backfill", bundle::encode(&old))]);
    let oversight = "SELECT oversight FROM units UNION ALL SELECT oversight FROM agent_state";
    assert_eq!(site.query::<String>(oversight), "waiting");
    agent.chain = crate::testing::chain(AGENT, JournalId([9; 16]));
    let details = BTreeMap::from([
        ("previous".to_owned(), Datum::Bytes(JOURNAL.0.to_vec())),
        ("previous_seq".to_owned(), Datum::from(4_u64)),
    ]);
    let begun = agent.seal(common(None), event(EventKind::JournalBegun, details));
    let live = agent.seal(common(None), health());
    site.write(&[at(&agent, "event", begun), at(&agent, "health", live)]);
    assert_eq!(site.query::<String>(oversight), "watched");
    assert_eq!(site.query::<String>("SELECT group_concat(missing) FROM journals WHERE ended"), "2");
    assert_eq!(site.query::<i64>("SELECT count(*) FROM journals WHERE NOT ended"), 1);
}
