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
    let known = Known { journal: Some(journal), receipt_through: 9, ..Known::default() };
    let opened = bench.open(known).unwrap();
    assert!(new(&opened));
    assert_eq!(opened.previous, Some(Head { journal, seq: 9, hash: Hash::NONE }));
    drop(opened);
    // Still so after a crash before the first record.
    assert_eq!(
        bench.open(known).unwrap().previous.unwrap(),
        Head { journal, seq: 9, hash: Hash::NONE }
    );
    cases += 2;

    // A restored image: the receipt is beyond the end.
    let bench = Bench::written(3, 1 << 20);
    let head = bench.open(Known::default()).unwrap().head;
    let known = Known { journal: Some(head.journal), receipt_through: 4, ..Known::default() };
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

/// Ways in which a journal cannot be gone on with.
type Way = (&'static str, fn(&Bench, Known) -> Known);

// Req: LAW-04, LAW-10, JRN-03
#[test]
fn what_is_known_outlives_a_failure_while_another_journal_begins() {
    let ways: &[Way] = &[
        ("its end is damaged", |bench, known| {
            super::tamper::change_a_byte(&bench.segments()[0], 5);
            known
        }),
        ("its file is no database", |bench, known| {
            fs::write(bench.segments().last().unwrap(), vec![0x55; 8192]).unwrap();
            known
        }),
        ("it was restored", |_, known| Known { receipt_through: 7, ..known }),
        ("it was given up", |_, known| Known { given_up: true, ..known }),
        ("it is a fork", |_, known| Known { given_up: true, forked: true, ..known }),
    ];
    let mut cases = 0;
    for (what, damage) in ways {
        let mut bench = Bench::new();
        let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
        let bodies = [
            Body::State(State::default()),
            batch(BatchChange::Started, "B1", Some("expansion")),
            event(1),
            event(2),
            event(3),
        ];
        for body in bodies {
            let append = bench.append(true, vec![body]);
            assert!(writer.append(append));
            committed.recv().unwrap();
        }
        writer.end();
        let journal = bench.chain.as_ref().unwrap().head().journal;
        let known = Known { journal: Some(journal), receipt_through: 3, ..Known::default() };
        let known = damage(&bench, known);
        let first = bench.open(known).unwrap();
        assert!(first.new_journal && first.damaged[0].of_former, "{what}");
        let ended = known.given_up.then_some(5);
        assert_eq!(first.before_ended.map(|head| head.seq), ended, "{what}");
        let expected = (first.previous, first.history.clone(), first.damaged.clone());
        drop(first);
        let remove = |path: &Path| fs::remove_file(path).unwrap();
        for fails in ["before its first record", "before its segment", "before its folder"] {
            match fails {
                "before its segment" => bench.segments().iter().for_each(|path| remove(path)),
                "before its folder" => fs::remove_dir_all(bench.folder()).unwrap(),
                _ => {}
            }
            let again = bench.open(known).unwrap();
            assert!(again.new_journal && again.head.journal != journal, "{what}, {fails}");
            let mut damaged = again.damaged.clone();
            // The file is named where it stands now.
            damaged[0].reason = damaged[0].reason.replace("/journal-set-aside-1/", "/journal/");
            let found = (again.previous, again.history.clone(), damaged);
            assert_eq!(found, expected, "{what}, {fails}");
            let ended = known.given_up.then_some(5);
            assert_eq!(again.before_ended.map(|head| head.seq), ended, "{what}, {fails}");
            cases += 1;
        }
        let aside = |number| bench.folder().with_file_name(format!("journal-set-aside-{number}"));
        assert!(aside(1).exists() && !aside(2).exists(), "{what}: set aside once");
        // With its first record on disk it goes on by itself.
        let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
        let append = bench.append(true, vec![event(9)]);
        assert!(writer.append(append));
        committed.recv().unwrap();
        writer.end();
        let opened = bench.open(known).unwrap();
        let seqs: Vec<u64> =
            opened.history.iter().map(|record| record.common.identity.seq).collect();
        assert_eq!((opened.new_journal, seqs, opened.damaged.len()), (false, vec![1], 0), "{what}");
    }
    println!("failures while another journal begins: {cases} cases");
}

// Req: LAW-04, JRN-03
#[test]
fn a_disk_that_refuses_now_ends_the_start_and_sets_nothing_aside() {
    let mut cases = 0;
    let aside = |bench: &Bench| bench.folder().with_file_name("journal-set-aside-1").exists();

    // Another program holds the file.
    let bench = Bench::written(3, 1 << 20);
    let other = rusqlite::Connection::open(&bench.segments()[0]).unwrap();
    other.execute_batch("PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE").unwrap();
    let error = bench.open(Known::default()).unwrap_err().to_string();
    assert!(error.contains("another program holds this file"), "{error}");
    assert!(!aside(&bench), "it is whole");
    drop(other);
    assert_eq!(bench.open(Known::default()).unwrap().head.seq, 3);
    cases += 2;

    // What stands there cannot be read, or not even opened.
    let folder: fn(&Path) = |file| fs::create_dir(file).unwrap();
    let dangling: fn(&Path) =
        |file| std::os::unix::fs::symlink(file.join("nowhere/at-all"), file).unwrap();
    for (stands_there, says) in [(folder, "see to the disk"), (dangling, "may read and write")] {
        let bench = Bench::written(3, 1 << 20);
        let (file, elsewhere) = (bench.segments().remove(0), bench.dir.path().join("elsewhere"));
        fs::rename(&file, &elsewhere).unwrap();
        stands_there(&file);
        let error = bench.open(Known::default()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!aside(&bench));
        if file.is_symlink() { fs::remove_file(&file) } else { fs::remove_dir(&file) }.unwrap();
        fs::rename(&elsewhere, &file).unwrap();
        assert_eq!(bench.open(Known::default()).unwrap().head.seq, 3);
        cases += 2;
    }

    // The same of the journal that was set aside, before the first record of the next one.
    let bench = Bench::written(3, 1 << 20);
    let journal = bench.chain.as_ref().unwrap().head().journal;
    let known = Known { journal: Some(journal), given_up: true, ..Known::default() };
    drop(bench.open(known).unwrap());
    let folder = bench.folder().with_file_name("journal-set-aside-1");
    let (file, elsewhere) = (segment_files(&folder).remove(0), bench.dir.path().join("elsewhere"));
    fs::rename(&file, &elsewhere).unwrap();
    fs::create_dir(&file).unwrap();
    let error = bench.open(known).unwrap_err().to_string();
    assert!(error.contains("see to the disk"), "{error}");
    fs::remove_dir(&file).unwrap();
    fs::rename(&elsewhere, &file).unwrap();
    assert_eq!(bench.open(known).unwrap().history.len(), 3, "what the run before knew");
    cases += 2;

    // The same of a closed one, at a look.
    let bench = Bench::written(60, 36 * 1024);
    let (file, elsewhere) = (bench.segments().remove(1), bench.dir.path().join("elsewhere"));
    fs::rename(&file, &elsewhere).unwrap();
    fs::create_dir(&file).unwrap();
    survey(&bench.folder(), KeepHistory::default()).unwrap_err();
    assert!(file.is_dir(), "not put into quarantine");
    cases += 1;
    println!("refused: {cases} cases");
}
