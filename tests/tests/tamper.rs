//! A journal that somebody changed on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_tests::{Cases, Device, MasterFile, Rig, SiteFile, await_until, much_text, segments};
use rusqlite::Connection;
use serde_json::Value;

/// `cellwatch verify` ends with 0 on the journal as it was written, and with 1 and the first bad sequence number on
/// every changed one.
// Req: LAW-04, SEAL-01
#[test]
fn tamper() {
    let mut cases = Cases::of("tamper");
    let rig = Rig::new();
    let written = journal_of_two_segments(&rig);
    let pristine = rig.path().join("pristine");
    copy(&rig.journal(), &pristine);

    let report = verify(&rig, 0);
    assert_eq!(report["ok"], true, "{report}");
    assert!(report["segments"].as_u64() >= Some(2), "{report}");
    let last = report["records"].as_u64().expect("records");
    let second = *written.last().expect("two segments");
    cases.tried(format_args!("{last} records as they were written"));

    let mut changed = |what: &str, first_bad: u64, change: &dyn Fn(&Path)| {
        fs::remove_dir_all(rig.journal()).expect("the journal");
        copy(&pristine, &rig.journal());
        change(&rig.journal());
        let report = verify(&rig, 1);
        assert_eq!(report["first_bad_seq"], first_bad, "{what}: {report}");
        assert_eq!(report["ok"], false, "{what}: {report}");
        assert!(report["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{report}");
        assert_eq!(report["records"], first_bad - 1, "{what}: those before it are right: {report}");
        cases.tried(format_args!("{what}: bad from seq {first_bad}"));
    };

    for seq in [1, 2, second - 1, second, last] {
        for place in ["first", "middle", "last"] {
            changed(&format!("the {place} byte of seq {seq}"), seq, &|journal| {
                change_byte(&segment_of(journal, seq), seq, place);
            });
        }
    }
    for seq in [1, 7, second, last - 1] {
        changed(&format!("seq {seq} removed"), seq, &|journal| {
            execute(&segment_of(journal, seq), &format!("DELETE FROM records WHERE seq = {seq}"));
        });
    }
    for (one, other) in [(1, 2), (3, 9), (second, last)] {
        changed(&format!("seq {one} and {other} exchanged"), one, &|journal| {
            let swap = format!(
                "UPDATE records SET seq = -1 WHERE seq = {one};
                 UPDATE records SET seq = {one} WHERE seq = {other};
                 UPDATE records SET seq = {other} WHERE seq = -1;"
            );
            execute(&segment_of(journal, one), &swap);
        });
    }
    changed("the row of seq 5 about another unit", 5, &|journal| {
        execute(&segment_of(journal, 5), "UPDATE records SET unit = 'BX-99' WHERE seq = 5");
    });
    changed("seq 6 twice", 7, &|journal| {
        execute(
            &segment_of(journal, 6),
            "UPDATE records SET (kind, unit, sealed) = (SELECT kind, unit, sealed FROM records WHERE seq = 6) WHERE seq = 7",
        );
    });
    changed("the first segment missing", 1, &|journal| {
        fs::remove_file(segment_of(journal, 1)).expect("a segment");
    });
    changed(
        "the first record of the second segment missing with its segment renamed",
        second,
        &|journal| {
            execute(
                &segment_of(journal, second),
                &format!("DELETE FROM records WHERE seq = {second}"),
            );
            let file = segment_of(journal, second);
            let name = format!("segment-{:012}.db", second + 1);
            fs::rename(&file, file.with_file_name(name)).expect("a segment");
        },
    );
    changed("the second segment no database", second, &|journal| {
        fs::write(
            segment_of(journal, second),
            "no database at all, but long enough to be looked at",
        )
        .expect("a segment");
    });
}

/// Writes a journal of at least two segments and gives the first sequence numbers of the segments.
fn journal_of_two_segments(rig: &Rig) -> Vec<u64> {
    let (device, profile) = much_text(rig.path());
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 1, // nobody listens: the journal needs no broker
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 1,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let agent = rig.agent();
    await_until("a second segment with records in it", Duration::from_secs(120), || {
        let written = segments(&rig.journal());
        let full = written.len() >= 2
            && fs::metadata(&written[1].1).is_ok_and(|meta| meta.len() > 200_000);
        if full { Ok(()) } else { Err(format!("{written:?}\n{}", agent.log())) }
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    segments(&rig.journal()).into_iter().map(|(first, _)| first).take(2).collect()
}

fn segment_of(journal: &Path, seq: u64) -> PathBuf {
    let found = segments(journal).into_iter().rev().find(|(first, _)| *first <= seq);
    found.expect("a segment").1
}

/// Runs `cellwatch verify --json`, whose exit status must be `status`, and gives what it says.
fn verify(rig: &Rig, status: i32) -> Value {
    let finished = rig.cellwatch(&["verify", "--json"]);
    assert_eq!(finished.status, Some(status), "{finished}");
    serde_json::from_str(finished.stdout.trim())
        .unwrap_or_else(|error| panic!("{error}: {finished}"))
}

fn change_byte(segment: &Path, seq: u64, place: &str) {
    let database = Connection::open(segment).expect("a segment");
    let query = format!("SELECT sealed FROM records WHERE seq = {seq}");
    let mut sealed: Vec<u8> = database.query_row(&query, [], |row| row.get(0)).expect("a record");
    let index = match place {
        "first" => 0,
        "middle" => sealed.len() / 2,
        _ => sealed.len() - 1,
    };
    sealed[index] ^= 0x01;
    let update = format!("UPDATE records SET sealed = ?1 WHERE seq = {seq}");
    assert_eq!(database.execute(&update, [sealed]).expect("a change"), 1);
}

fn execute(segment: &Path, statements: &str) {
    let database = Connection::open(segment).expect("a segment");
    database.execute_batch(statements).expect("a change");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
