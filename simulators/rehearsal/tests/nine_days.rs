//! Whole cultures in virtual time: what people see is what was expected, line by line, and the records judged again
//! give the same alarm bodies, byte for byte.
//! Req: SIM-01, LAW-08
#![allow(clippy::unwrap_used)]

use cellwatch_model::AlarmTransition;
use cellwatch_record::{Body, ChainCheck, Hash, Head, JournalId};
use cellwatch_rehearsal::account;
use cellwatch_rehearsal::run::{Installation, Ran, run};
use cellwatch_rehearsal::scenario::{LIBRARY, Scenario, known};

fn rehearsed(id: &str) -> Ran {
    let known = known(id).unwrap();
    let scenario = Scenario::parse(known.id, known.text).unwrap();
    let installation = Installation::example(None).unwrap();
    let ran = run(&scenario, &installation, |_| {}).unwrap();
    let expected = account::expectation(known.expected.unwrap()).unwrap();
    let seen = account::lines(&ran);
    if let Some(difference) = account::difference(&expected, &seen) {
        panic!("{id}: {difference}");
    }
    let replayed = account::replay(&ran, &installation).unwrap();
    assert_eq!(replayed.differences(), [], "{id}: the same records, another verdict");
    assert!(replayed.missing.is_empty() && replayed.skipped == 0);
    chained(&ran);
    println!(
        "{id}: {} cases; {} records, {} readings",
        expected.len(),
        ran.payloads.len(),
        replayed.readings
    );
    ran
}

fn chained(ran: &Ran) {
    let first = ran.records().next().unwrap().common.identity;
    let journal: JournalId = first.journal;
    let mut chain = ChainCheck::after(Head { journal, seq: 0, hash: Hash::NONE });
    for (record, payload) in ran.records().zip(&ran.payloads) {
        chain.follow(&record.common.identity, record.common.prev, payload).unwrap();
    }
}

#[test]
fn nine_days_with_ten_faults() {
    let ran = rehearsed("nine-days");
    let of = |wanted: AlarmTransition| {
        ran.records().filter(
            move |record| matches!(&record.body, Body::Alarm(change) if change.transition == wanted),
        )
    };
    // What happens beside what people see: something was hidden, held and reset.
    assert!(of(AlarmTransition::Suppressed).count() > 0);
    assert_eq!(of(AlarmTransition::Reset).count(), 1, "PRESS.HH is held until reset");
}

#[test]
fn nine_calm_days() {
    rehearsed("calm-nine-days");
}

#[test]
fn scenarios_are_read_and_mistakes_are_named() {
    for known in LIBRARY {
        let scenario = Scenario::parse(known.id, known.text).unwrap();
        assert_eq!(scenario.id, known.id);
        let course = scenario.course(&Installation::example(None).unwrap().profile).unwrap();
        assert!(course.is_sorted_by_key(|(at_ms, _)| *at_ms));
    }
    let text = known("nine-days").unwrap().text;
    let cases = [
        ("hours = 216.0", "hours = -1.0", "hours = -1"),
        ("frame_s = 10", "frame_s = 100", "frame_s = 100"),
        ("at_h = 10.0", "at_h = 999.0", "not within the run"),
        ("seed = 4", "sead = 4", "sead"),
    ];
    for (from, to, says) in cases {
        let error = Scenario::parse("x.toml", &text.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let wrong = text.replacen("door-open", "roof-open", 1);
    let profile = Installation::example(None).unwrap().profile;
    let error = Scenario::parse("x.toml", &wrong).unwrap().course(&profile).unwrap_err();
    assert!(error.to_string().contains("roof-open"), "{error}");
    println!("scenarios: {} cases", LIBRARY.len() + cases.len() + 1);
}
