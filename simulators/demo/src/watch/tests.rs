use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use super::{ControlSite, percentile, published};

#[test]
fn percentiles_are_measured_values() {
    let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let cases: [(&[f64], u8, Option<f64>); 9] = [
        (&[], 50, None),
        (&[3.0], 50, Some(3.0)),
        (&[3.0], 0, Some(3.0)),
        (&[3.0], 99, Some(3.0)),
        (&[4.0, 1.0], 50, Some(1.0)),
        (&[4.0, 1.0], 99, Some(4.0)),
        (&hundred, 50, Some(50.0)),
        (&hundred, 99, Some(99.0)),
        (&hundred, 100, Some(100.0)),
    ];
    for (values, percent, expected) in cases {
        assert_eq!(percentile(values, percent), expected, "{percent} of {values:?}");
    }
    println!("percentiles: {} cases", cases.len());
}

fn segment(path: &Path, records: u32) {
    let connection = Connection::open(path).expect("opened");
    connection
        .execute_batch("CREATE TABLE records (seq INTEGER PRIMARY KEY, sealed BLOB)")
        .expect("made");
    for _ in 0..records {
        connection.execute("INSERT INTO records (sealed) VALUES (x'00')", []).expect("inserted");
    }
}

#[test]
fn counts_all_segments_of_a_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(published(folder.path()).expect("read"), 0);
    segment(&folder.path().join("segment-000000000001.db"), 5);
    segment(&folder.path().join("segment-000000000006.db"), 2);
    segment(&folder.path().join("segment-000000000008.db.new"), 9);
    std::fs::write(folder.path().join("lock"), "").expect("written");
    assert_eq!(published(folder.path()).expect("read"), 7);

    std::fs::write(folder.path().join("segment-000000000009.db"), "not a database at all")
        .expect("written");
    assert!(published(folder.path()).is_err());
    assert!(published(&folder.path().join("none")).is_err());
    println!("journal: 4 cases");
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("control-site.db");
    assert!(ControlSite::open(&path).is_err());
    assert!(!path.exists());
    Connection::open(&path)
        .and_then(|made| made.execute_batch("CREATE TABLE x (y)"))
        .expect("made");
    let other = ControlSite::open(&path).expect("a database");
    assert!(other.counts().is_err() && other.news(&BTreeSet::new()).is_err());
    println!("control site: 3 cases");
}
