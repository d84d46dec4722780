//! What stays on disk, what goes, and copies of it.

use std::collections::BTreeMap;
use std::fs;

use cellwatch_core::door::KeepHistory;
use cellwatch_model::{Quality, Value};
use cellwatch_record::{Column, Datum, Frame, Health, Sample, Track};

use super::*;

const SEGMENT: u64 = 36 * 1024;
const KEEP: KeepHistory = KeepHistory { age_s: 0, bytes: 0 };

fn say(bench: &mut Bench, writer: &Writer, committed: &Receiver<Committed>, body: Body) -> u64 {
    let append = bench.append(true, vec![body]);
    let seq = append.first_seq;
    assert!(writer.append(append));
    committed.recv().unwrap();
    seq
}

fn pruned(through: u64, hash: Hash) -> Body {
    let details = [("through", Datum::from(through)), ("hash", Datum::Bytes(hash.0.to_vec()))];
    Body::Event(Event {
        kind: EventKind::Pruned,
        at: Mono(1),
        text: "removed".to_owned(),
        details: details.map(|(name, datum)| (name.to_owned(), datum)).into(),
    })
}

// Req: LAW-03, JRN-01, JRN-02
#[test]
fn what_was_pruned_is_verified_by_the_record_that_says_so() {
    let mut bench = Bench::written(60, SEGMENT);
    let state = survey(&bench.folder(), KEEP).unwrap();
    let oldest = state.oldest.unwrap();
    let second = super::super::segment::list(&bench.folder()).unwrap()[1].first_seq;
    assert_eq!((oldest.last, state.open_batch_since), (second - 1, None));
    let copy = tempfile::tempdir().unwrap();

    let (writer, committed) = bench.start(SEGMENT, Duration::ZERO);
    // Nothing goes that is not closed, nor a part of a segment.
    assert_eq!(prune(&bench.folder(), oldest.last - 1).unwrap(), 0);
    say(&mut bench, &writer, &committed, pruned(oldest.last, oldest.hash));
    assert_eq!(prune(&bench.folder(), oldest.last).unwrap(), 1);
    let verdict = bench.verify();
    assert_eq!((verdict.pruned_through, verdict.records), (oldest.last, 61 - oldest.last));
    assert_eq!(verdict.fault, None);

    // One more, which no record explains: as if somebody had taken it away.
    let state = survey(&bench.folder(), KEEP).unwrap();
    fs::copy(&bench.segments()[0], copy.path().join("kept.db")).unwrap();
    assert_eq!(prune(&bench.folder(), state.oldest.unwrap().last).unwrap(), 1);
    let fault = bench.verify().fault.unwrap();
    assert_eq!(fault.first_bad_seq, 1);
    assert!(fault.reason.contains("no record says"), "{fault:?}");

    // What remains is read around what is gone, and a start goes on.
    let first = super::super::segment::list(&bench.folder()).unwrap()[0].first_seq;
    let found = fetched(
        bench.public(),
        &bench.folder(),
        Fetch { first: 1, last: 61, max_bytes: 1 << 20 },
        false,
    );
    assert_eq!((found.first, found.sealed.len() as u64), (first, 62 - first));
    writer.end();
    assert_eq!(bench.open(Known::default()).unwrap().head.seq, 61);
    println!("pruning: 8 cases");
}

// Req: JRN-01
#[test]
fn age_is_counted_by_watching_and_open_batches_hold() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(SEGMENT, Duration::ZERO);
    let health = || Body::Health(Health { figures: BTreeMap::new() });
    let started =
        say(&mut bench, &writer, &committed, batch(BatchChange::Started, "B1", Some("p")));
    let mut count = 0;
    while bench.segments().len() < 2 {
        say(&mut bench, &writer, &committed, event(count));
        count += 1;
    }
    for _ in 0..4 {
        say(&mut bench, &writer, &committed, health());
    }
    let state = survey(&bench.folder(), KEEP).unwrap();
    assert_eq!(state.open_batch_since, Some(started));
    assert_eq!(state.oldest.unwrap().age_s, 4 * 30, "a health record every 30 s");
    writer.end();
    // A restart goes on counting.
    let (writer, committed) = bench.start(SEGMENT, Duration::ZERO);
    say(&mut bench, &writer, &committed, health());
    say(&mut bench, &writer, &committed, batch(BatchChange::Ended, "B1", None));
    let state = survey(&bench.folder(), KEEP).unwrap();
    assert_eq!((state.oldest.unwrap().age_s, state.open_batch_since), (5 * 30, None));
    writer.end();
    println!("age: 4 cases");
}

// Req: JRN-03
#[test]
fn a_damaged_segment_costs_its_own_records_only() {
    let bench = Bench::written(60, SEGMENT);
    let files = super::super::segment::list(&bench.folder()).unwrap();
    let (second, third) = (files[1].first_seq, files[2].first_seq);
    fs::write(&files[1].path, vec![0x55; 16384]).unwrap();
    let found = fetched(
        bench.public(),
        &bench.folder(),
        Fetch { first: 1, last: 60, max_bytes: 1 << 20 },
        false,
    );
    assert_eq!((found.first, found.sealed.len() as u64, found.damaged.len()), (1, second - 1, 1));
    let from = Fetch { first: second, last: 60, max_bytes: 1 << 20 };
    assert_eq!(
        fetched(bench.public(), &bench.folder(), from, false).first,
        third,
        "the hole is skipped"
    );
    let state = survey(&bench.folder(), KEEP).unwrap();
    assert_eq!((state.damaged[0].first, state.damaged[0].last), (second, third - 1));
    assert!(bench.dir.path().join(&state.damaged[0].file).exists());
    assert_eq!(survey(&bench.folder(), KEEP).unwrap().damaged, [], "said once");
    let opened = bench.open(Known::default()).unwrap();
    assert_eq!((opened.new_journal, opened.head.seq), (false, 60), "the same journal goes on");
    println!("damaged segment: 6 cases");
}

// Req: JRN-04
#[test]
fn a_copy_made_beside_the_writer_is_taken_back() {
    let mut bench = Bench::written(30, SEGMENT);
    let (writer, committed) = bench.start(SEGMENT, Duration::ZERO);
    say(&mut bench, &writer, &committed, event(31));
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    let manifest = back_up(bench.dir.path(), &copy, "2026-01-01T00:00:00Z").unwrap();
    assert_eq!((manifest.first_seq, manifest.last_seq), (1, 31));
    say(&mut bench, &writer, &committed, event(32));
    writer.end();
    back_up(bench.dir.path(), &copy, "").unwrap_err();

    let place = |name: &str| copies.path().join(name);
    let key = AgentKeys::from(bench.public());
    let back = restore(&copy, &place("new"), Some(&key), &mut |_| {}).unwrap();
    assert_eq!(back, manifest);
    let opened = open(&place("new").join("journal"), "agent-1", &key, Known::default()).unwrap();
    assert_eq!(opened.head.seq, 31);
    drop(opened);
    restore(&copy, &place("new"), None, &mut |_| {}).unwrap_err();

    let (other, _) = SealingKey::generate().unwrap();
    restore(&copy, &place("a"), Some(&other.public().into()), &mut |_| {}).unwrap_err();
    let segment = segment_files(&copy.join("journal"))[0].clone();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[9000] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let error = restore(&copy, &place("b"), None, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("not the file that the manifest names"), "{error}");
    assert!(!place("b").exists());
    println!("backup: 7 cases");
}

/// Five seconds of 30 parameters at 1 Hz.
fn frame(number: u64) -> Body {
    let sample = |value: f64| Sample {
        value: Some(Value::Number(value)),
        quality: Quality::Good,
        raw: [0x4214, 0x147b].as_slice().into(),
        stamp: None,
    };
    let column = |parameter: u16| Column {
        parameter,
        decimals: 2,
        track: 0,
        samples: (0..5u32).map(|at| sample(37.0 + f64::from(at) / 100.0)).collect(),
    };
    Body::Telemetry(Frame {
        from: Mono(number * 5_000_000_000),
        tracks: vec![Track(vec![0, 1_000, 2_000, 3_000, 4_000])],
        columns: (0..30).map(column).collect(),
    })
}

/// A start after an hour of records; `tests/long start-after-days` tries twelve days.
#[test]
fn days_of_records() {
    let days = std::env::var("CELLWATCH_DAYS").ok().and_then(|days| days.parse::<u64>().ok());
    let hours = days.map_or(1, |days| days * 24);
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(64 << 20, Duration::ZERO);
    let mut count = 0;
    for hour in 0..hours {
        let mut bodies = vec![Body::State(cellwatch_record::State::default())];
        for number in 0..720 {
            bodies.push(frame(hour * 720 + number));
            if number % 6 == 0 {
                bodies.push(Body::Health(Health { figures: BTreeMap::new() }));
            }
        }
        count += bodies.len() as u64;
        let append = bench.append(true, bodies);
        assert!(writer.append(append));
        committed.recv().unwrap();
    }
    writer.end();
    let begin = std::time::Instant::now();
    let opened = bench.open(Known::default()).unwrap();
    let known = hashes(&bench.folder(), &opened.history).unwrap().len();
    let took = begin.elapsed().as_millis();
    assert_eq!((opened.head.seq, known), (count, 841), "an hour's hashes");
    drop(opened);
    let begin = std::time::Instant::now();
    let state = survey(&bench.folder(), KEEP).unwrap();
    println!(
        "start after {hours} hours: {count} records, {} MiB in {} segments: opened in {took} ms, looked at in {} ms",
        state.bytes >> 20,
        bench.segments().len(),
        begin.elapsed().as_millis()
    );
}
