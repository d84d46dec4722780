//! A journal in use: pruned, copied, taken back, damaged.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of value")]

use std::fs;
use std::time::Duration;

use cellwatch_tests::{
    Cases, ControlSite, Device, MasterFile, Pymodbus, Rig, SiteFile, await_until, much_text,
    sealed_records, segments,
};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;

fn verify(rig: &Rig, status: i32) -> Value {
    let finished = rig.cellwatch(&["verify", "--json"]);
    assert_eq!(finished.status, Some(status), "{finished}");
    serde_json::from_str(finished.stdout.trim())
        .unwrap_or_else(|error| panic!("{error}: {finished}"))
}

fn text(value: &Sql) -> String {
    match value {
        Sql::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// A device with much to say, and an agent whose segments are small and soon too many.
fn small_segments(rig: &Rig, broker: u16) -> Pymodbus {
    let (device, profile) = much_text(rig.path());
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 1,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    let small = "commit_delay_ms = 50\nkeep_mib = 1\nreserve_mib = 1";
    rig.write("site.toml", site_file.text().replace("commit_delay_ms = 50", small));
    device
}

/// Journals that the Control Site knows, the newest last.
fn journals(control_site: &ControlSite) -> Vec<String> {
    let rows = control_site.rows("SELECT hex(journal) FROM journal_state ORDER BY id");
    rows.iter().map(|row| text(&row[0])).collect()
}

// Req: LAW-03, LAW-04, LAW-10, JRN-01, JRN-02, JRN-03, JRN-04, JRN-05
#[test]
fn journal_life() {
    let mut cases = Cases::of("journal_life");
    let rig = Rig::new();
    let mut broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let _device = small_segments(&rig, broker.port);

    // What was received goes, and what remains verifies.
    let agent = rig.agent();
    await_until("the first segment gone", Duration::from_secs(240), || {
        match segments(&rig.journal()).first() {
            Some((first, _)) if *first > 1 => Ok(()),
            there => Err(format!("{there:?}; {}\n{}", control_site.state(), agent.log())),
        }
    });
    let report = verify(&rig, 0);
    let pruned = report["pruned_through"].as_u64().expect("a number");
    assert!(pruned > 0, "{report}");
    control_site.await_event("pruned", 0);
    cases.tried(format_args!("seq 1 to {pruned} were received and removed; the rest verifies"));

    // Copied while it runs; what was received after the copy is not in it.
    let copy = rig.path().join("copy");
    let copied = rig.cellwatch(&["backup", "--to", copy.to_str().expect("a path")]);
    assert_eq!(copied.status, Some(0), "{copied}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(copy.join("manifest.json")).expect("a manifest"))
            .expect("JSON");
    let end = manifest["last_seq"].as_i64().expect("a number");
    control_site.await_through(end + 20);
    agent.kill();
    let before = journals(&control_site);
    assert_eq!(before.len(), 1);

    // Restored on a new disk: the receipts are beyond its end, so another journal begins that says so.
    fs::remove_dir_all(rig.site().join("data")).expect("the data folder");
    let from = copy.to_str().expect("a path");
    let restored = rig.cellwatch(&["restore", "--verify", "--from", from]);
    assert_eq!(restored.status, Some(0), "{restored}");
    assert!(restored.stdout.contains("verified"), "{restored}");
    assert_eq!(rig.last_seq(), end);
    let agent = rig.agent();
    let again = await_until("another journal", Duration::from_secs(90), || {
        let now = journals(&control_site);
        if now.len() == 2 { Ok(now) } else { Err(format!("{now:?}\n{}", agent.log())) }
    });
    assert_ne!(again[0], again[1]);
    let begun = "SELECT text FROM events WHERE kind = 'journal-begun' AND journal_id = (SELECT max(id) FROM journal_state)";
    let said = text(&control_site.await_rows("its first record", begun)[0][0]);
    assert!(said.contains(&before[0].to_lowercase()), "{said}");
    control_site.await_through(30);
    assert_eq!(verify(&rig, 0)["ok"], true);
    let aside = rig.site().join("data/journal-set-aside-1");
    assert!(aside.is_dir(), "the journal before stands aside");
    // What the restored agent recorded in the old journal goes nowhere, and that is on record.
    let forked = control_site.await_rows(
        "the loss of the fork",
        "SELECT json_extract(details, '$.first_seq'), json_extract(details, '$.last_seq'), json_extract(details, '$.to_utc_ns'), text
         FROM events WHERE kind = 'loss' AND json_extract(details, '$.why') = 'forked'",
    );
    let [Sql::Integer(first), Sql::Integer(last), Sql::Integer(_), loss] = &forked[0][..] else {
        panic!("{forked:?}")
    };
    assert!(*first <= end + 1, "{forked:?}");
    let recorded = sealed_records(&aside, 1, u64::MAX >> 1).pop().map(|(seq, _)| seq);
    assert_eq!(recorded, Some(last.cast_unsigned()), "all that it recorded there");
    assert!(*last > end, "{forked:?}");
    cases.tried(format_args!("{}", text(loss)));
    cases.tried(format_args!("a copy through seq {end} taken back: {said}"));

    // Its last segment is destroyed: no hand is needed, and the next journal says what is gone.
    agent.kill();
    let (_, last) = segments(&rig.journal()).pop().expect("a segment");
    let bytes = fs::metadata(&last).expect("a segment").len();
    fs::write(&last, vec![0x55; usize::try_from(bytes).unwrap_or(1 << 20)]).expect("a segment");
    let _ = fs::remove_file(last.with_extension("db-wal"));
    let agent = rig.agent();
    let set_aside = control_site.await_rows(
        "what was set aside",
        "SELECT text FROM events WHERE kind = 'quarantined' ORDER BY journal_id DESC LIMIT 1",
    );
    let third = await_until("a third journal", Duration::from_secs(90), || {
        let now = journals(&control_site);
        if now.len() == 3 { Ok(now) } else { Err(format!("{now:?}\n{}", agent.log())) }
    });
    control_site.await_through(20);
    assert_eq!(third.len(), 3);
    cases.tried(format_args!("a destroyed segment: {}", text(&set_aside[0][0])));

    // While nobody receives, the last record is damaged: what stands before it is received from the journal set aside.
    broker.stop();
    let received = control_site.through();
    await_until("records that nobody received", Duration::from_secs(120), || {
        let last = rig.last_seq();
        if last > received + 20 { Ok(()) } else { Err(format!("seq {last}")) }
    });
    agent.kill();
    let last = rig.last_seq();
    let (_, segment) = segments(&rig.journal()).pop().expect("a segment");
    let database = Connection::open(&segment).expect("the segment");
    let damaged = database.execute("UPDATE records SET sealed = x'd284' WHERE seq = ?1", [last]);
    assert_eq!(damaged.expect("the row"), 1);
    drop(database);
    broker.start_again();
    let agent = rig.agent();
    let whole = format!(
        "SELECT 1 FROM journal_state WHERE id = {} AND through = {}",
        third.len(),
        last - 1
    );
    control_site.await_rows("what was set aside", &whole);
    await_until("a fourth journal", Duration::from_secs(90), || {
        let now = journals(&control_site);
        if now.len() == 4 { Ok(()) } else { Err(format!("{now:?}\n{}", agent.log())) }
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    assert_eq!(verify(&rig, 0)["ok"], true);
    cases.tried(format_args!(
        "seq {} to {} received from the journal set aside",
        received + 1,
        last - 1
    ));
}

// Req: LAW-03, LAW-04, LAW-10, JRN-01, JRN-03, JRN-07
#[test]
fn a_hole_that_nobody_received_stops_nothing() {
    let mut cases = Cases::of("journal_holes");
    let rig = Rig::new();
    let mut broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let _device = small_segments(&rig, broker.port);

    let agent = rig.agent();
    control_site.await_through(20);
    broker.stop();
    // A journal that a start has begun is not given up within ten minutes: the next start finds it.
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let received = control_site.through().cast_unsigned();
    let agent = rig.agent();
    let files = await_until("three closed segments", Duration::from_secs(240), || {
        let files = segments(&rig.journal());
        if files.len() > 3 { Ok(files) } else { Err(format!("{files:?}\n{}", agent.log())) }
    });

    // One closed segment is destroyed, and in the next one a bit flips; nobody has received either.
    let (first, end) = (files[1].0, files[2].0 - 1);
    assert!(first > received, "{files:?}: {received}");
    let flipped = files[2].0 + 3;
    let database = Connection::open(&files[2].1).expect("the segment");
    let sql = "SELECT sealed FROM records WHERE seq = ?1";
    let mut sealed: Vec<u8> =
        database.query_row(sql, [flipped.cast_signed()], |row| row.get(0)).expect("the row");
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    let sql = "UPDATE records SET sealed = ?2 WHERE seq = ?1";
    let changed = database.execute(sql, (flipped.cast_signed(), sealed));
    assert_eq!(changed.expect("the row"), 1);
    drop(database);
    let bytes = fs::metadata(&files[1].1).expect("a segment").len();
    fs::write(&files[1].1, vec![0x55; usize::try_from(bytes).unwrap_or(1 << 20)]).expect("written");
    broker.start_again();

    // No hand is needed: another journal begins, what can be read of this one arrives, what cannot is on record.
    let lost = "SELECT json_extract(details, '$.first_seq'), json_extract(details, '$.last_seq')
                FROM events WHERE kind = 'loss' AND json_extract(details, '$.why') = 'unreadable' ORDER BY 1";
    let lost = await_until("both losses on record", Duration::from_secs(180), || {
        let rows = control_site.rows(lost);
        if rows.len() == 2 { Ok(rows) } else { Err(format!("{rows:?}\n{}", agent.log())) }
    });
    let whole = |first: u64, last: u64| {
        vec![Sql::Integer(first.cast_signed()), Sql::Integer(last.cast_signed())]
    };
    assert_eq!(lost, [whole(first, end), whole(flipped, flipped)]);
    let last = sealed_records(&rig.site().join("data/journal-set-aside-1"), flipped, u64::MAX >> 1);
    let last = last.last().expect("its last record").0;
    let expected = last - (end - first + 1) - 1;
    let stored = "SELECT count(*) FROM records WHERE journal_id = 1";
    await_until("all that can be read", Duration::from_secs(120), || {
        let stored = control_site.number(stored).cast_unsigned();
        if stored == expected { Ok(()) } else { Err(format!("{stored} of {expected}")) }
    });
    assert_eq!(journals(&control_site).len(), 2);
    let forged = control_site.number("SELECT count(*) FROM refusals");
    assert_eq!(forged, 0, "what is damaged does not go out and look like a forgery");
    cases.tried(format_args!(
        "seq {first} to {end} and {flipped} of {last} are lost and on record, {expected} received"
    ));

    // Receipts advance, and what they cover may go.
    control_site.await_through(30);
    await_until("a segment of the new journal gone", Duration::from_secs(240), || match segments(
        &rig.journal(),
    )
    .first()
    {
        Some((first, _)) if *first > 1 => Ok(()),
        there => Err(format!("{there:?}; {}\n{}", control_site.state(), agent.log())),
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    assert_eq!(verify(&rig, 0)["ok"], true);
    cases.tried(format_args!("the journal after it is received and pruned"));
}
