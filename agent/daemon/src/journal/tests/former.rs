//! Journals that were set aside: found, and removed only when they are received and more than enough.

use std::fs;

use super::super::former::SET_ASIDE;
use super::*;

// Req: LAW-03, LAW-10, JRN-07
#[test]
fn nothing_of_a_former_journal_goes_before_it_is_received() {
    let dir = tempfile::tempdir().unwrap();
    let mut journals = Vec::new();
    for number in 1..=SET_ASIDE_MAX + 3 {
        let bench = Bench::written(4, 1 << 20);
        let to = dir.path().join(format!("{SET_ASIDE}{number}"));
        fs::rename(bench.folder(), &to).unwrap();
        journals.push(bench.chain.unwrap().head().journal);
    }
    let newest_first: Vec<_> = journals.iter().rev().copied().collect();
    let found = former_journals(dir.path(), "agent-1");
    assert_eq!(found.iter().map(|one| one.journal).collect::<Vec<_>>(), newest_first);
    assert!(found.iter().all(|one| one.last == 4));
    assert!(former_journals(dir.path(), "agent-2").is_empty(), "of another agent");
    let bundle = fetch(&found[0].folder, Fetch { first: 2, last: 4, max_bytes: 1 << 20 }).unwrap();
    assert_eq!(bundle.sealed.len(), 3, "they are read as the one that is written");

    // Of the three that are too many, the second is not wholly received.
    let received = |journal| if journal == journals[1] { 3 } else { 4 };
    assert_eq!(forget_received(dir.path(), "agent-1", received).unwrap(), 2);
    let left: Vec<_> =
        former_journals(dir.path(), "agent-1").iter().map(|one| one.journal).collect();
    assert_eq!(left.len(), SET_ASIDE_MAX + 1);
    assert!(left.contains(&journals[1]) && !left.contains(&journals[0]));
    assert_eq!(forget_received(dir.path(), "agent-1", |_| 0).unwrap(), 0, "nothing is received");

    // The same of segments in quarantine: their names say what they held.
    let quarantine = dir.path().join("journal-quarantine");
    fs::create_dir(&quarantine).unwrap();
    for number in 0..QUARANTINED_MAX + 2 {
        let name = format!("segment-{:012}-{:012}-{}.db", 1, 9, journals[number % 2]);
        fs::write(quarantine.join(name.replace(".db", &format!("-{number}.db"))), b"?").unwrap();
    }
    fs::write(quarantine.join("somebody's.txt"), b"?").unwrap();
    let received = |journal| if journal == journals[0] { 9 } else { 8 };
    let removed = forget_received(dir.path(), "agent-1", received).unwrap();
    assert!(removed <= 2, "{removed}");
    let of_second = |name: &str| name.contains(&journals[1].to_string());
    let names: Vec<String> = fs::read_dir(&quarantine)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|name| of_second(name)).count(), QUARANTINED_MAX / 2 + 1);
    println!("former journals: {} set aside", journals.len());
}
