//! What goes wrong is seen, kept with its bytes, and shown.
#![allow(clippy::unwrap_used)] // tests

use std::collections::BTreeMap;

use cellwatch_model::Utc;
use cellwatch_record::{Common, Datum, EventKind, JournalId, RECORD_CONTENT_TYPE};
use cellwatch_seal::{SealingKey, seal};
use serde_json::Value;

use crate::intake::OversightChange;
use crate::store::{Shelf, open};
use crate::testing::{AGENT, JOURNAL, NOW, Site, TestAgent, common, event, health};
use crate::tools::record_json::hex;
use crate::tools::stored::Stored;

fn found(site: &Site, finding: &str) -> Vec<(bool, Value)> {
    let stored = Stored::open(&site.database()).unwrap();
    let mut lines = stored.findings().unwrap();
    lines.retain(|(_, line)| line["finding"] == finding);
    lines
}

/// Each with the bytes that prove it, and once however often it comes.
// Req: BAT-03, SEAL-03
#[test]
fn forks_strangers_and_the_future_are_kept_as_evidence() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let topic = agent.topic("health");
    let message = |sealed: &[u8]| (topic.clone(), sealed.to_vec());
    let whole = agent.healths(3);
    site.write(&whole.iter().map(|one| message(one)).collect::<Vec<_>>());
    assert_eq!(found(&site, "refusal"), []);
    assert_eq!(found(&site, "journal").len(), 1);
    assert!(found(&site, "journal")[0].0, "nothing is wrong");

    // A fork: another record 3 after the same two. A stranger: a key that the roster does not list. The future.
    let mut fork =
        TestAgent { key: SealingKey::generate().unwrap().0, ..TestAgent::new(AGENT, JOURNAL) };
    std::mem::swap(&mut fork.key, &mut agent.key);
    let _ = fork.healths(2);
    let forked = fork.seal(Common { boot: 2, ..common(None) }, health());
    let ahead = Common { utc: Utc(NOW.0 + 3_600_000_000_000), ..common(None) };
    let (_, payload) = agent.chain.append(ahead, health());
    let future = seal(&fork.key, RECORD_CONTENT_TYPE, &payload);
    let stranger = seal(&agent.key, RECORD_CONTENT_TYPE, &payload);
    let wrong = [
        ("conflict", forked.clone()),
        ("unknown-key", stranger),
        ("from-the-future", future),
        ("not-a-seal", b"\xd2 no seal".to_vec()),
    ];
    for _ in 0..2 {
        site.write(&wrong.iter().map(|(_, one)| message(one)).collect::<Vec<_>>());
    }
    let refusals = found(&site, "refusal");
    for (reason, bytes) in &wrong {
        let of_it = refusals.iter().find(|(_, line)| line["reason"] == *reason);
        let (good, line) = of_it.unwrap_or_else(|| panic!("{reason} in {refusals:?}"));
        assert!(!good);
        assert_eq!(line["evidence"], hex(bytes), "{reason}");
        assert_eq!(line["count"], 2, "{reason}: the same bytes are one finding");
    }
    assert_eq!(refusals.len(), wrong.len());
    assert!(!found(&site, "journal")[0].0, "the journal with a fork is not good");

    // Silence, as the writer keeps it when it has judged it.
    let mut shelf = Shelf::new(open(&site.database()).unwrap()).unwrap();
    let (agent, at) = (AGENT.to_owned(), Utc(NOW.0 + 91_000_000_000));
    shelf.begin().unwrap();
    shelf
        .keep_oversight(&OversightChange { agent, at, lost: true, last_health: Some(NOW) })
        .unwrap();
    shelf.commit(&BTreeMap::new(), at).unwrap();
    let oversight = found(&site, "oversight");
    assert_eq!(oversight.len(), 1);
    assert_eq!(oversight[0].1["change"], "lost");
    assert!(!oversight[0].0);
    println!("{} findings", refusals.len() + 2);
}

/// A journal that ends and the one that begins in its place, which says how far the first one went.
// Req: BAT-03
#[test]
fn a_journal_that_takes_anothers_place_is_shown_with_what_is_missing_of_it() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let topic = agent.topic("health");
    let first: Vec<_> = agent.healths(2).into_iter().map(|one| (topic.clone(), one)).collect();
    site.write(&first);
    let unsent = agent.healths(1);
    assert_eq!(unsent.len(), 1);
    let next = JournalId([8; 16]);
    let mut after = TestAgent { key: agent.key, ..TestAgent::new(AGENT, next) };
    let details = BTreeMap::from([
        ("previous".to_owned(), Datum::Bytes(JOURNAL.0.to_vec())),
        ("previous_seq".to_owned(), Datum::from(3_u64)),
        ("previous_hash".to_owned(), Datum::Bytes(agent.chain.head().hash.0.to_vec())),
    ]);
    let begun = after.seal(common(None), event(EventKind::JournalBegun, details));
    site.write(&[(after.topic("event"), begun)]);
    let journals = found(&site, "journal");
    let [(good, old), (_, new)] = journals.as_slice() else { panic!("{journals:?}") };
    assert_eq!(old["replaced_by"], next.to_string());
    assert_eq!((good, &old["missing_records"]), (&false, &Value::from(1)));
    assert_eq!(new["replaced_by"], Value::Null);
    println!("2 journals");
}
