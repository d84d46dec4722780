//! A batch is sealed at its end, whatever happens in between, and the Control Site's answer is recorded.
#![allow(clippy::wildcard_enum_match_arm)] // tests

mod harness;

use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::Role;
use cellwatch_record::{
    Batch, BatchSeal, BatchTree, Body, Completeness, CompletenessReceipt, Datum, EventKind, Hash,
    Kind, Missing, Record, sha256,
};
use harness::{JOURNAL, Site, master_file, offer, person, setup_led_by_people};

fn judged(mut site: Site) -> Site {
    site.connect();
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(2_000);
    site
}

fn ask(site: &mut Site, what: Asked) {
    let refusal = site.ask(&person(Role::Supervisor, 1), what, "as planned");
    assert_eq!(refusal, None);
}

fn start(site: &mut Site, unit: &str, batch: &str) {
    let (unit, batch) = (unit.to_owned(), batch.to_owned());
    ask(site, Asked::StartBatch { unit, batch });
}

fn end(site: &mut Site, unit: &str) {
    ask(site, Asked::EndBatch { unit: unit.to_owned() });
    site.run(100);
}

/// Record of each seal, with what it says.
fn seals(site: &Site) -> Vec<(Record, BatchSeal)> {
    let seal = |record: Record| match &record.body {
        Body::Batch(Batch { seal: Some(seal), .. }) => Some((record.clone(), seal.clone())),
        _ => None,
    };
    site.records().into_iter().filter_map(seal).collect()
}

/// The seal that the records make, by the words of record.cddl.
fn expected(site: &Site, unit: &str, batch: &str, seal: &Record) -> BatchSeal {
    let records = site.records();
    let is_start = |record: &&Record| match &record.body {
        Body::Batch(change) => change.change.word() == "started" && change.batch == batch,
        _ => false,
    };
    let first = records.iter().find(is_start).map_or(1, |record| record.common.identity.seq);
    let mut tree = BatchTree::new(unit, batch, first);
    for record in &records {
        let seq = record.common.identity.seq;
        if (first..seal.common.identity.seq).contains(&seq) {
            let of = record.common.unit.as_deref();
            tree.take(seq, record.body.kind(), of, sha256(&site.payloads[&seq]));
        }
    }
    tree.seal()
}

fn events(site: &Site, kind: EventKind) -> Vec<Record> {
    let is = |record: &Record| matches!(&record.body, Body::Event(event) if event.kind == kind);
    site.records().into_iter().filter(is).collect()
}

// Req: BAT-01, LAW-08
#[test]
fn the_seal_is_of_the_units_records_and_of_those_of_no_unit() {
    let mut site = judged(Site::of(setup_led_by_people(2)));
    start(&mut site, "BX-0", "B-1");
    site.run(30_000);
    start(&mut site, "BX-1", "B-2");
    site.run(30_000);
    end(&mut site, "BX-0");
    site.run(20_000);
    end(&mut site, "BX-1");
    let seals = seals(&site);
    assert_eq!(seals.len(), 2);
    for ((record, seal), (unit, batch)) in seals.iter().zip([("BX-0", "B-1"), ("BX-1", "B-2")]) {
        assert_eq!(record.common.unit.as_deref(), Some(unit));
        assert_eq!(record.common.batch.as_deref(), Some(batch));
        assert_eq!(*seal, expected(&site, unit, batch, record));
        assert!(seal.counts[&Kind::Telemetry] >= 5, "{seal:?}");
        assert!(seal.counts[&Kind::Health] >= 1, "the agent's own belong to it: {seal:?}");
        assert_eq!(seal.counts[&Kind::Batch], 2, "its start and its end: {seal:?}");
        let belongs = |record: &&Record| {
            let seq = record.common.identity.seq;
            let of = record.common.unit.as_deref();
            (seal.first..=seal.last).contains(&seq) && of.is_none_or(|of| of == unit)
        };
        assert_eq!(seal.records(), site.records().iter().filter(belongs).count() as u64);
    }
    site.assert_replays();
}

/// However the agent ends, the seal is the one that the records make.
// Req: BAT-01, BAT-02
#[test]
fn the_fold_goes_on_over_restarts() {
    for (number, hours) in [0_u64, 1, 2].into_iter().enumerate() {
        let mut site = judged(Site::of(setup_led_by_people(1)));
        start(&mut site, "BX-0", "B-1");
        for _ in 0..2 {
            site.run(hours * 3_600_000 + 20_000);
            site.restart(number % 2 == 0, master_file(1));
            site.run(10_000);
        }
        end(&mut site, "BX-0");
        let seals = seals(&site);
        let [(record, seal)] = seals.as_slice() else { panic!("{seals:?}") };
        assert_eq!(*seal, expected(&site, "BX-0", "B-1", record));
        assert!(seal.counts[&Kind::State] >= 2 + 2 * hours, "{seal:?}");
        assert_eq!(site.agent.batches_keep_from(), Some(seal.first), "it waits for an answer");
        site.restart(true, master_file(1));
        assert_eq!(site.agent.batches_keep_from(), Some(seal.first), "also after a restart");
    }
    println!("3 cultures with 3 restarts each");
}

/// A record that cannot be read at a start: no root would be found again, so none is claimed.
// Req: BAT-02
#[test]
fn a_batch_whose_records_are_not_all_known_is_not_sealed_and_says_so() {
    let mut site = judged(Site::of(setup_led_by_people(1)));
    start(&mut site, "BX-0", "B-1");
    site.run(60_000);
    site.restart_forgetting(3, master_file(1));
    site.run(10_000);
    end(&mut site, "BX-0");
    assert_eq!(seals(&site), []);
    assert_eq!(events(&site, EventKind::BatchUnsealed).len(), 1);
    start(&mut site, "BX-0", "B-2");
    site.run(10_000);
    end(&mut site, "BX-0");
    let seals = seals(&site);
    let [(record, seal)] = seals.as_slice() else { panic!("{seals:?}") };
    assert_eq!(*seal, expected(&site, "BX-0", "B-2", record), "the next one is sealed");
}

fn answer(site: &Site, found: Completeness, missing: Vec<Missing>) -> CompletenessReceipt {
    let (record, seal) = seals(site).pop().expect("a seal");
    let seq = record.common.identity.seq;
    CompletenessReceipt {
        agent: "agent-1".to_owned(),
        journal: JOURNAL,
        unit: "BX-0".to_owned(),
        batch: "B-1".to_owned(),
        seal_seq: seq,
        seal_hash: sha256(&site.payloads[&seq]),
        found,
        root: if missing.is_empty() { seal.root } else { Hash::NONE },
        missing,
        issued: site.now().utc,
    }
}

fn say(site: &mut Site, receipt: CompletenessReceipt) {
    site.input(Input::Completeness { receipt, sealed: b"sealed".to_vec() });
    site.run(100);
}

// Req: BAT-03, LAW-03
#[test]
fn the_control_sites_answer_is_recorded_once_and_ends_the_waiting() {
    let mut site = judged(Site::of(setup_led_by_people(1)));
    assert_eq!(site.agent.batches_keep_from(), None);
    start(&mut site, "BX-0", "B-1");
    site.run(30_000);
    end(&mut site, "BX-0");
    let first = seals(&site)[0].1.first;
    let missing = vec![Missing { first: first + 1, last: first + 2 }];
    for _ in 0..2 {
        let receipt = answer(&site, Completeness::Incomplete, missing.clone());
        say(&mut site, receipt);
    }
    let incomplete = events(&site, EventKind::BatchIncomplete);
    assert_eq!(incomplete.len(), 1, "said once");
    assert_eq!(site.agent.batches_keep_from(), Some(first));

    let receipt = answer(&site, Completeness::Complete, vec![]);
    let forged = CompletenessReceipt { seal_hash: Hash([1; 32]), ..receipt.clone() };
    let other = CompletenessReceipt { seal_seq: 1_000_000, ..receipt.clone() };
    for wrong in [forged, other] {
        say(&mut site, wrong);
    }
    assert_eq!(events(&site, EventKind::Security).len(), 2);
    assert_eq!(site.agent.batches_keep_from(), Some(first), "neither ends the waiting");
    for _ in 0..2 {
        say(&mut site, receipt.clone());
    }
    let complete = events(&site, EventKind::BatchComplete);
    let [record] = complete.as_slice() else { panic!("{complete:?}") };
    let Body::Event(event) = &record.body else { panic!("an event") };
    assert_eq!(event.details["receipt"], Datum::Bytes(b"sealed".to_vec()), "the evidence is kept");
    assert_eq!(record.common.batch.as_deref(), Some("B-1"));
    assert_eq!(site.agent.batches_keep_from(), None);
    site.restart(true, master_file(1));
    assert_eq!(site.agent.batches_keep_from(), None, "nor after a restart");
    println!("6 answers");
}
