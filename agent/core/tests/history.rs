//! What becomes of the journal on disk: pruning, contradiction, a full disk, a clock that is corrected.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use cellwatch_core::door::{ClosedSegment, Damage, Input, JournalState, KeepHistory};
use cellwatch_model::{ClockSync, Utc};
use cellwatch_record::{Body, Datum, Event, EventKind, Hash, Kind, Receipt};
use harness::{JOURNAL, Site};

fn receipt(through: u64) -> Receipt {
    Receipt {
        agent: "agent-1".to_owned(),
        journal: JOURNAL,
        through,
        hash: Hash([9; 32]),
        missing: Vec::new(),
        highest: through,
        issued: Utc(harness::EPOCH_NS + 3_600_000_000_000),
    }
}

fn full(last: u64) -> JournalState {
    JournalState {
        bytes: 2_000,
        oldest: Some(ClosedSegment { last, hash: Hash([5; 32]), age_s: 1 }),
        open_batch_since: None,
        keep: KeepHistory { age_s: 1_000, bytes: 1_000 },
        damaged: Vec::new(),
    }
}

fn events(site: &Site, kind: EventKind) -> Vec<Event> {
    let of_kind = |record: cellwatch_record::Record| match record.body {
        Body::Event(event) if event.kind == kind => Some(event),
        _ => None,
    };
    site.records().into_iter().filter_map(of_kind).collect()
}

fn detail(event: &Event, name: &str) -> i64 {
    match event.details.get(name) {
        Some(Datum::Integer(number)) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

/// A segment goes when a receipt covers it, and after the record that says so is on disk.
// Req: LAW-03, LAW-08, JRN-01, JRN-02
#[test]
fn history_goes_after_the_record_that_says_so() {
    let mut site = Site::judging(1);
    site.run(60_000);
    site.disconnect();
    site.run(10);
    let last = site.durable;
    site.run(20_000);
    site.input(Input::Journal(full(last)));
    site.run(1_000);
    assert_eq!((site.pruned.len(), events(&site, EventKind::Pruned).len()), (0, 0), "not received");

    site.input(Input::Receipt(receipt(last)));
    assert_eq!(site.pruned, [0; 0], "said, but not yet on disk");
    site.run(1_000);
    assert_eq!(site.pruned, [last]);
    let said = events(&site, EventKind::Pruned);
    assert_eq!(said.len(), 1);
    assert_eq!(detail(&said[0], "through"), last.cast_signed());
    let records = site.records();
    let at = records
        .iter()
        .position(|one| matches!(&one.body, Body::Event(event) if event.kind == EventKind::Pruned));
    let after: Vec<Kind> =
        records[at.expect("it is there")..].iter().take(3).map(|one| one.body.kind()).collect();
    assert_eq!(after, [Kind::Event, Kind::Event, Kind::State], "what later records need");

    // Asked twice, said once; the next look brings the next one.
    site.input(Input::Receipt(receipt(last + 1)));
    site.run(1_000);
    assert_eq!(site.pruned, [last]);
    site.input(Input::Journal(full(last + 1)));
    site.run(1_000);
    assert_eq!(site.pruned, [last, last + 1]);
    site.assert_replays();
    println!("pruning: 7 cases");
}

// Req: LAW-04, JRN-05
#[test]
fn a_receipt_for_other_records_begins_another_journal_once() {
    let mut site = Site::judging(1);
    site.run(700_000);
    for _ in 0..3 {
        site.input(Input::ReceiptContradicts { receipt: receipt(3), ours: Hash([1; 32]) });
        site.run(1_000);
    }
    assert_eq!(site.begun.len(), 1, "{:?}", site.begun);
    assert_eq!(events(&site, EventKind::Security).len(), 1);

    // A journal that was made just now is not given up at once: that would go on for ever.
    let mut site = Site::judging(1);
    site.run(1_000);
    site.input(Input::ReceiptContradicts { receipt: receipt(3), ours: Hash([1; 32]) });
    site.run(10);
    assert_eq!((site.begun.len(), events(&site, EventKind::Security).len()), (0, 1));

    // The image is older than what was received.
    let mut site = Site::judging(1);
    site.run(700_000);
    site.input(Input::Receipt(receipt(1_000_000)));
    assert_eq!(site.begun.len(), 1);
    println!("contradiction: 5 cases");
}

// Req: LAW-04, LAW-06, LAW-10
#[test]
fn on_a_full_disk_readings_are_counted_and_alarms_recorded() {
    let mut site = Site::judging(1);
    site.run(60_000);
    let frames = |site: &Site| {
        site.records().iter().filter(|one| one.body.kind() == Kind::Telemetry).count()
    };
    site.input(Input::ReserveInUse(true));
    let before = frames(&site);
    site.run(60_000);
    assert_eq!(frames(&site), before, "no reading is recorded");
    assert!(site.agent_said().contains(&"AGENT.DISK raised".to_owned()), "{:?}", site.agent_said());
    let losses = events(&site, EventKind::Loss);
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert_eq!(losses[0].details.get("open"), Some(&Datum::Bool(true)));

    site.input(Input::ReserveInUse(false));
    site.run(60_000);
    assert!(frames(&site) > before);
    let losses = events(&site, EventKind::Loss);
    assert_eq!(losses.len(), 2, "{losses:?}");
    assert!(detail(&losses[1], "count") >= 50, "a reading a second for a minute: {losses:?}");
    assert!(
        site.agent_said().contains(&"AGENT.DISK returned".to_owned()),
        "{:?}",
        site.agent_said()
    );
    println!("full disk: 6 cases");
}

// Req: LAW-12
#[test]
fn the_first_sync_says_by_how_much_the_records_before_were_off() {
    let mut site = Site::judging(1);
    site.run(10_000);
    let first = site.records().len() as i64 + 1;
    site.sync = ClockSync::Unsynchronised;
    site.run(30_000);
    let last = site.records().len();
    site.sync = ClockSync::Synchronised;
    site.run(10_000);
    let said = events(&site, EventKind::ClockCorrected);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(detail(&said[0], "first_seq") <= first + 2, "{said:?}");
    assert!(detail(&said[0], "last_seq") >= last as i64, "{said:?}");
    assert_eq!(detail(&said[0], "correction_us"), 0, "this clock was right all the time");
    println!("correction: 3 cases");
}

// Req: JRN-03
#[test]
fn what_was_set_aside_is_said() {
    let mut site = Site::judging(1);
    let damage = Damage {
        file: "journal-quarantine/segment-000000000007.db".to_owned(),
        first: 7,
        last: 9,
        reason: "not a database".to_owned(),
        of_former: true,
        is_removed: false,
    };
    site.input(Input::Journal(JournalState { damaged: vec![damage], ..full(3) }));
    site.run(10);
    assert!(site.begun.is_empty(), "the journal that is written is whole");
    let said = events(&site, EventKind::Quarantined);
    assert_eq!((detail(&said[0], "first_seq"), detail(&said[0], "last_seq")), (7, 9));
    println!("set aside: 1 case");
}

// Req: LAW-03, LAW-10, JRN-03
#[test]
fn a_hole_that_was_not_received_ends_the_journal_and_one_that_was_does_not() {
    let damage = |first, last| {
        let reason = "not a database".to_owned();
        let (file, of_former) = ("segment-000000000001.db".to_owned(), false);
        Damage { file, first, last, reason, of_former, is_removed: false }
    };
    let look = |damage| Input::Journal(JournalState { damaged: vec![damage], ..full(1) });
    let mut site = Site::judging(1);
    site.run(700_000);
    site.disconnect();
    site.input(Input::Receipt(receipt(20)));
    site.input(look(damage(5, 20)));
    site.run(60_000);
    assert_eq!(events(&site, EventKind::Quarantined).len(), 1);
    assert!(site.begun.is_empty(), "the Control Site has all of it");
    site.input(look(damage(15, 21)));
    site.run(60_000);
    assert_eq!((events(&site, EventKind::Quarantined).len(), site.begun.len()), (2, 1));

    // How far the damage reaches is not known; and a journal that was made just now is given its ten minutes.
    let mut site = Site::judging(1);
    site.run(10_000);
    site.disconnect();
    site.run(60_000);
    site.input(look(damage(3, 0)));
    site.run(300_000);
    assert!(site.begun.is_empty());
    site.run(400_000);
    assert_eq!(site.begun.len(), 1, "{:?}", site.begun);

    // Received after all.
    let mut site = Site::judging(1);
    site.run(10_000);
    site.disconnect();
    site.input(look(damage(3, 4)));
    site.input(Input::Receipt(receipt(4)));
    site.run(700_000);
    assert!(site.begun.is_empty(), "{:?}", site.begun);
    println!("holes: 4 cases");
}

// Req: LAW-03, LAW-04, JRN-03
#[test]
fn what_was_received_and_removed_is_no_damage() {
    let removed = |first, last| {
        let (file, reason) = ("segment-000000000021.db".to_owned(), "no segment".to_owned());
        let damage = Damage { file, first, last, reason, of_former: false, is_removed: true };
        Input::Journal(JournalState { damaged: vec![damage], ..full(1) })
    };
    let mut site = Site::judging(1);
    site.run(700_000);
    site.disconnect();
    site.input(Input::Receipt(receipt(20)));
    site.input(removed(5, 20));
    site.run(60_000);
    assert!(events(&site, EventKind::Quarantined).is_empty() && site.begun.is_empty());

    // A Control Site that was restored from a copy misses some: receipts are to follow again.
    let mut restored = receipt(10);
    restored.issued = Utc(restored.issued.0 + 1);
    site.input(Input::Receipt(restored));
    site.input(removed(11, 20));
    site.run(1_000);
    assert!(events(&site, EventKind::Quarantined).is_empty(), "nothing is damaged");
    assert_eq!(site.begun.len(), 1);
    assert!(site.begun[0].contains("removed here after a receipt"), "{:?}", site.begun);

    // What nobody received is gone, wherever it lay.
    let mut site = Site::judging(1);
    site.run(700_000);
    site.disconnect();
    let last = site.durable;
    site.run(60_000);
    site.input(removed(11, last + 2));
    site.run(1_000);
    let said = events(&site, EventKind::Quarantined);
    let first = detail(&said[0], "first_seq");
    assert!(12 < first && first <= last.cast_signed() + 1, "only that: {first}");
    assert_eq!((said.len(), site.begun.len()), (1, 1));
    println!("removed: 3 cases");
}
