use std::collections::BTreeMap;
use std::fs;

use cellwatch_record::{Head, Health, JournalId, State};

use super::*;

#[test]
fn a_restart_goes_on_where_the_journal_ended() {
    let mut bench = Bench::written(5, 1 << 20);
    for round in 0..3 {
        let opened = bench.open(Known::default()).unwrap();
        assert!(!opened.new_journal);
        assert_eq!(opened.head.seq, 5 + round);
        drop(opened);
        let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
        let append = bench.append(true, vec![event(round)]);
        assert!(writer.append(append));
        assert_eq!(seqs(&committed.recv().unwrap()), [6 + round]);
        writer.end();
    }
    let verdict = bench.verify();
    assert_eq!((verdict.records, verdict.fault), (8, None));
    println!("restart: 3 rounds");
}

#[test]
fn a_crash_keeps_what_was_told_durable() {
    // The files as they are on disk right after the commit, its write-ahead log not yet moved:
    // what a machine finds that lost its power then.
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    let append = bench.append(true, vec![event(1), event(2)]);
    assert!(writer.append(append));
    assert_eq!(seqs(&committed.recv().unwrap()), [1, 2]);
    let image = tempfile::tempdir().unwrap();
    let folder = image.path().join("journal");
    fs::create_dir(&folder).unwrap();
    let mut copied = 0;
    for entry in fs::read_dir(bench.folder()).unwrap() {
        let path = entry.unwrap().path();
        // The shared memory does not survive.
        if path.extension().is_some_and(|extension| extension != "db-shm") {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
            copied += 1;
        }
    }
    assert_eq!(copied, 2, "a segment and its log");
    let opened = open(&folder, "agent-1", &bench.public().into(), Known::default()).unwrap();
    assert_eq!(opened.head, bench.chain.as_ref().unwrap().head());
    writer.end();
    println!("crash: 2 records");
}

#[test]
fn an_unfinished_segment_is_no_segment() {
    let bench = Bench::written(2, 1 << 20);
    fs::write(bench.folder().join("segment-000000000003.db.new"), b"half").unwrap();
    assert_eq!(bench.open(Known::default()).unwrap().head.seq, 2);
    assert_eq!(bench.verify().fault, None);
    println!("unfinished: 1 case");
}

#[test]
fn what_cannot_be_gone_on_with_is_set_aside_and_said() {
    let new = |opened: &Opened| opened.new_journal && opened.head.seq == 0;
    let mut cases = 0;

    // Nothing there, but something was.
    let journal = JournalId([7; 16]);
    let bench = Bench::new();
    let known = Known { journal: Some(journal), receipt_through: 9, given_up: false };
    let opened = bench.open(known).unwrap();
    assert!(new(&opened));
    assert_eq!(opened.previous, Some(Head { journal, seq: 9, hash: Hash::NONE }));
    drop(opened);
    // Still so after a crash before the first record.
    assert_eq!(bench.open(known).unwrap().previous.unwrap().journal, journal);
    cases += 2;

    // A restored image: the receipt is beyond the end.
    let bench = Bench::written(3, 1 << 20);
    let head = bench.open(Known::default()).unwrap().head;
    let known = Known { journal: Some(head.journal), receipt_through: 4, given_up: false };
    let opened = bench.open(known).unwrap();
    assert!(new(&opened) && opened.head.journal != head.journal);
    assert_eq!(opened.previous, Some(head));
    assert_eq!(segment_files(&bench.dir.path().join("journal-set-aside-1")).len(), 1);
    cases += 1;

    // The last record is damaged.
    let bench = Bench::written(3, 1 << 20);
    let journal = bench.open(Known::default()).unwrap().head.journal;
    super::tamper::change_a_byte(&bench.segments()[0], 3);
    let opened = bench.open(Known::default()).unwrap();
    assert!(new(&opened));
    assert_eq!(opened.previous, Some(Head { journal, seq: 2, hash: Hash::NONE }));
    cases += 1;

    // The file is no database any more.
    let bench = Bench::written(3, 1 << 20);
    fs::write(&bench.segments()[0], vec![0x55; 8192]).unwrap();
    assert!(new(&bench.open(Known::default()).unwrap()));
    cases += 1;
    println!("set aside: {cases} cases");
}

#[test]
fn another_agent_is_refused_and_an_unknown_key_begins_anew() {
    let bench = Bench::written(1, 1 << 20);
    let error =
        open(&bench.folder(), "agent-2", &bench.public().into(), Known::default()).unwrap_err();
    assert!(error.to_string().contains("not of \"agent-2\""), "{error}");
    let (other, _) = SealingKey::generate().unwrap();
    let opened =
        open(&bench.folder(), "agent-1", &other.public().into(), Known::default()).unwrap();
    assert!(opened.new_journal);
    assert!(opened.damaged[0].reason.contains("neither roster nor records connect"));
    assert!(bench.folder().with_file_name("journal-set-aside-1").is_dir(), "untouched");
    println!("another agent, another key: 2 cases");
}

#[test]
fn a_start_remembers_from_the_latest_state_record_on() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    let write = |bench: &mut Bench, body: Body| {
        let append = bench.append(true, vec![body]);
        assert!(writer.append(append));
        committed.recv().unwrap();
        let opened =
            open(&bench.folder(), "agent-1", &bench.public().into(), Known::default()).unwrap();
        opened.history.iter().map(|record| record.common.identity.seq).collect::<Vec<_>>()
    };
    assert_eq!(write(&mut bench, event(1)), [1], "all there is before the first state record");
    assert_eq!(write(&mut bench, batch(BatchChange::Started, "B1", Some("expansion"))), [1, 2]);
    assert_eq!(write(&mut bench, Body::State(State::default())), [3]);
    assert_eq!(write(&mut bench, event(2)), [3, 4]);
    let health = Body::Health(Health { figures: BTreeMap::new() });
    assert_eq!(write(&mut bench, health.clone()), [3, 4, 5], "the last one, whatever it is");
    assert_eq!(write(&mut bench, health), [3, 4, 6], "other health is left out");
    println!("remembered: 5 cases");
}

#[test]
fn one_daemon_for_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let held = Lock::take(dir.path()).unwrap();
    let error = Lock::take(dir.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    drop(held);
    Lock::take(dir.path()).unwrap();
    println!("lock: 3 cases");
}
