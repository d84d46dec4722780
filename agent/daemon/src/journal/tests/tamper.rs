//! Every way to change a journal is found, and the first bad sequence number is named.

use std::fs;

use rusqlite::Connection;

use super::*;

/// A segment of about twenty records: its tables alone take half of it.
const SEGMENT: u64 = 36 * 1024;

fn with(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Changes one byte in the middle of a sealed record.
pub(super) fn change_a_byte(path: &Path, seq: u64) {
    let connection = Connection::open(path).unwrap();
    let mut sealed: Vec<u8> = connection
        .query_row("SELECT sealed FROM records WHERE seq = ?1", [seq.cast_signed()], |row| {
            row.get(0)
        })
        .unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    connection
        .execute("UPDATE records SET sealed = ?1 WHERE seq = ?2", (sealed, seq.cast_signed()))
        .unwrap();
}

#[test]
fn tampering_is_found_and_the_first_bad_seq_named() {
    /// What was done, first bad seq, words of the reason.
    type Case = (&'static str, fn(&Bench), u64, &'static str);
    let cases: &[Case] = &[
        ("a byte changed", |bench| change_a_byte(&bench.segments()[0], 7), 7, "was changed"),
        (
            "a byte changed in the first",
            |bench| change_a_byte(&bench.segments()[0], 1),
            1,
            "changed",
        ),
        (
            "a row removed",
            |bench| with(&bench.segments()[0], "DELETE FROM records WHERE seq = 5"),
            5,
            "seq 5 is missing",
        ),
        (
            "three rows removed",
            |bench| with(&bench.segments()[0], "DELETE FROM records WHERE seq BETWEEN 5 AND 7"),
            5,
            "seq 5 to 7 are missing",
        ),
        (
            "two rows exchanged",
            |bench| {
                with(
                    &bench.segments()[0],
                    "UPDATE records SET seq = 9999 WHERE seq = 3; UPDATE records SET seq = 3 WHERE seq = 9; UPDATE records SET seq = 9 WHERE seq = 9999",
                );
            },
            3,
            "rows were exchanged",
        ),
        (
            "a row's kind changed",
            |bench| with(&bench.segments()[0], "UPDATE records SET kind = 1 WHERE seq = 4"),
            4,
            "kind or unit",
        ),
        (
            "a row's unit changed",
            |bench| with(&bench.segments()[0], "UPDATE records SET unit = 'BX-09' WHERE seq = 4"),
            4,
            "kind or unit",
        ),
        (
            "a row copied over another",
            |bench| {
                with(
                    &bench.segments()[0],
                    "UPDATE records SET sealed = (SELECT sealed FROM records WHERE seq = 2) WHERE seq = 6",
                );
            },
            6,
            "exchanged",
        ),
        (
            "the first segment gone",
            |bench| fs::remove_file(&bench.segments()[0]).unwrap(),
            1,
            "missing",
        ),
        (
            "a segment emptied",
            |bench| with(&bench.segments()[0], "DELETE FROM records WHERE seq > 4"),
            5,
            "missing",
        ),
        (
            "a segment of another journal",
            |bench| {
                let other = Bench::written(60, SEGMENT);
                fs::copy(&other.segments()[0], &bench.segments()[0]).unwrap();
            },
            1,
            "sealed with key",
        ),
    ];
    for (what, tamper, first_bad_seq, words) in cases {
        let bench = Bench::written(60, SEGMENT);
        assert_eq!(bench.verify().fault, None);
        tamper(&bench);
        let fault = bench.verify().fault.expect(what);
        assert_eq!(fault.first_bad_seq, *first_bad_seq, "{what}: {fault:?}");
        assert!(fault.reason.contains(words), "{what}: {fault:?}");
    }
    println!("tamper: {} cases", cases.len());
}

#[test]
fn a_missing_segment_names_its_first_seq() {
    let bench = Bench::written(60, SEGMENT);
    let segments = super::super::segment::list(&bench.folder()).unwrap();
    assert!(segments.len() >= 3);
    fs::remove_file(&segments[1].path).unwrap();
    let fault = bench.verify().fault.unwrap();
    assert_eq!(fault.first_bad_seq, segments[1].first_seq);
    assert!(fault.reason.contains("a segment is missing"), "{fault:?}");

    // The last one: only a receipt tells that there was more.
    let bench = Bench::written(60, SEGMENT);
    let segments = super::super::segment::list(&bench.folder()).unwrap();
    let journal = bench.verify().journal;
    let last = segments.iter().rposition(|segment| segment.first_seq <= 60).unwrap();
    segments[last..].iter().for_each(|segment| fs::remove_file(&segment.path).unwrap());
    assert_eq!(bench.verify().fault, None);
    let known = Known { journal: Some(journal), receipt_through: 60, ..Known::default() };
    let fault = bench.verify_knowing(known).fault.unwrap();
    assert_eq!(fault.first_bad_seq, segments[last].first_seq);
    println!("missing segments: 2 cases");
}

#[test]
fn another_key_verifies_nothing() {
    let bench = Bench::written(3, 1 << 20);
    let (other, _) = SealingKey::generate().unwrap();
    let verdict =
        verify(&bench.folder(), &other.public().into(), Known::default(), &mut |_| {}).unwrap();
    assert_eq!(verdict.fault.unwrap().first_bad_seq, 1);
    let empty = tempfile::tempdir().unwrap();
    verify(empty.path(), &other.public().into(), Known::default(), &mut |_| {}).unwrap_err();
    println!("other key, no journal: 2 cases");
}
