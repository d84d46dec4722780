use std::sync::mpsc::TryRecvError;

use rusqlite::Connection;

use super::*;

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn an_urgent_append_takes_along_what_waits() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, LONG);
    for _ in 0..3 {
        let append = bench.append(false, vec![event(1), event(2)]);
        assert!(writer.append(append));
    }
    // The delay is an hour: nothing but the urgent one can cause the commit.
    let urgent = bench.append(true, vec![event(3)]);
    assert!(writer.append(urgent));
    assert_eq!(seqs(&committed.recv().unwrap()), (1..=7).collect::<Vec<_>>());
    writer.end();
    assert!(matches!(committed.try_recv(), Err(TryRecvError::Disconnected)));
    assert_eq!(bench.verify().records, 7);
    println!("group commit: 4 appends in 1 commit");
}

#[test]
fn without_delay_nothing_waits_and_order_stays() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    for number in 0..50 {
        let append = bench.append(number % 7 == 0, vec![event(number); 3]);
        assert!(writer.append(append));
    }
    writer.end();
    let groups: Vec<_> = committed.iter().collect();
    let all: Vec<_> = groups.iter().flat_map(seqs).collect();
    assert_eq!(all, (1..=150).collect::<Vec<_>>());
    // No append is split over two commits.
    assert!(groups.iter().all(|group| group.len() % 3 == 0));
    println!("order: 50 appends");
}

#[test]
fn what_ends_while_waiting_is_written() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, LONG);
    let append = bench.append(false, vec![event(1)]);
    assert!(writer.append(append));
    writer.end();
    assert_eq!(seqs(&committed.recv().unwrap()), [1]);
    println!("end: 1 case");
}

#[test]
fn a_commit_that_fails_is_tried_again_and_nothing_is_told_before() {
    // Req: LAW-03
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    let first = bench.append(true, vec![event(1)]);
    assert!(writer.append(first));
    committed.recv().unwrap();

    let other = Connection::open(&bench.segments()[0]).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let second = bench.append(true, vec![event(2), event(3)]);
    let third = bench.append(true, vec![event(4)]);
    assert!(writer.append(second));
    assert!(writer.append(third));
    // While another holds the file, no commit can succeed, however often it is tried.
    assert!(committed.recv_timeout(Duration::from_millis(300)).is_err());
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);

    let told: Vec<_> = std::iter::from_fn(|| committed.recv_timeout(LONG).ok())
        .flat_map(|group| seqs(&group))
        .take(3)
        .collect();
    assert_eq!(told, [2, 3, 4]);
    writer.end();
    assert_eq!(bench.verify().records, 4);
    println!("retry: 3 records");
}

#[test]
fn a_commit_that_had_succeeded_after_all_is_not_made_twice() {
    let mut bench = Bench::new();
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    let first = bench.append(true, vec![event(1)]);
    assert!(writer.append(first.clone()));
    committed.recv().unwrap();
    // The same rows again: the insert fails, the file is opened anew and found to have them.
    assert!(writer.append(first));
    assert_eq!(seqs(&committed.recv().unwrap()), [1]);
    writer.end();
    assert_eq!(bench.verify().records, 1);
    println!("succeeded after all: 1 case");
}

#[test]
fn records_are_read_back_over_segments() {
    let bench = Bench::written(60, 32 * 1024);
    assert!(bench.segments().len() >= 3, "{:?}", bench.segments());
    let read = |first, last, max_bytes| {
        fetched(bench.public(), &bench.folder(), Fetch { first, last, max_bytes }, false).sealed
    };
    let all = read(1, 60, usize::MAX);
    assert_eq!(all.len(), 60);
    assert_eq!(read(17, 40, usize::MAX), all[16..40]);
    assert_eq!(read(60, 900, usize::MAX), all[59..]);
    assert_eq!(read(61, 900, usize::MAX), Vec::<Vec<u8>>::new());
    // The first is given although it is too large.
    assert_eq!(read(5, 60, 1), all[4..5]);
    assert_eq!(read(5, 60, all[4].len() + all[5].len()), all[4..6]);
    println!("fetch: 6 cases");
}
