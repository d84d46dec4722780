//! Changes of keys, in every order in which their records may come.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_record::{Datum, EventKind, JournalId};
use cellwatch_seal::{AgentKey, Roster, Sealer, SealingKey, seal_succession};

use super::{Intake, Outcome, OwnClock, Reason, Verifier};
use crate::testing::{
    AGENT, InMemory, JOURNAL, NOW, SITE, TestAgent, common, event, health, roster,
};

/// What an agent says when it changes from its key to `new`.
pub(crate) fn rotation(agent: &mut TestAgent, new: &SealingKey, journal: JournalId) -> Vec<u8> {
    let old = agent.key.public();
    let details = BTreeMap::from([
        ("old_key".to_owned(), Datum::Bytes(old.0.to_vec())),
        ("new_key".to_owned(), Datum::Bytes(new.public().0.to_vec())),
        ("succession".to_owned(), Datum::Bytes(seal_succession(new, &old, &agent.agent, journal))),
    ]);
    agent.seal(common(None), event(EventKind::KeyRotated, details))
}

/// Two records of the old key, the change, two of the new one, and one that the old key seals after all.
struct Scene {
    verifier: Arc<Verifier>,
    sealed: Vec<(&'static str, Vec<u8>)>,
    forged: Vec<u8>,
}

fn scene() -> Scene {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let (new, _) = SealingKey::generate().unwrap();
    let one = roster(&[&agent], None);
    let entry = AgentKey { agent: AGENT.to_owned(), site: SITE.to_owned(), key: new.public() };
    let agents = one.agents.iter().cloned().chain([entry]).collect();
    let verifier = Arc::new(Verifier::new(Roster { agents, ..one }, OwnClock::Trusted));
    let mut sealed: Vec<_> = agent.healths(2).into_iter().map(|one| ("health", one)).collect();
    sealed.push(("event", rotation(&mut agent, &new, JOURNAL)));
    // The same place in the same chain, sealed by the wrong key.
    let mut thief = TestAgent { chain: agent.chain.clone(), ..TestAgent::new(AGENT, JOURNAL) };
    thief.key = std::mem::replace(&mut agent.key, new);
    sealed.extend(agent.healths(2).into_iter().map(|one| ("health", one)));
    let forged = thief.seal(common(None), health());
    Scene { verifier, sealed, forged }
}

/// Refusals, in their order.
fn taken(verifier: &Arc<Verifier>, messages: &[(&str, Vec<u8>)]) -> Vec<Reason> {
    let mut intake = Intake::new(Arc::clone(verifier), BTreeMap::new(), BTreeMap::new());
    let mut records = InMemory::default();
    for (leaf, sealed) in messages {
        let topic = format!("cellwatch/1/{SITE}/{AGENT}/{leaf}");
        intake.handle(&topic, sealed, NOW, &mut records).unwrap();
    }
    let reason = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal) => Some(refusal.reason),
        Outcome::Accepted(_)
        | Outcome::Duplicate(_)
        | Outcome::NoRoom(_)
        | Outcome::Summary(_)
        | Outcome::Unsigned(_)
        | Outcome::Ignored => None,
    };
    records.outcomes.iter().filter_map(reason).collect()
}

// Req: SEAL-05
#[test]
fn a_change_is_followed_in_any_order_and_what_comes_after_it_is_refused() {
    let Scene { verifier, sealed, forged } = scene();
    let mut cases = 0;
    // All orders of five records.
    let mut orders = vec![vec![]];
    for index in 0..sealed.len() {
        let longer = orders.iter().flat_map(|order: &Vec<usize>| {
            (0..=order.len()).map(move |place| {
                let mut order = order.clone();
                order.insert(place, index);
                order
            })
        });
        orders = longer.collect();
    }
    for order in &orders {
        let messages: Vec<_> = order.iter().map(|index| sealed[*index].clone()).collect();
        assert_eq!(taken(&verifier, &messages), [], "{order:?}");
        cases += 1;
    }
    // A record of the old key at the place after the change: refused after it, shown beside it before it.
    let forged = ("health", forged);
    for place in 0..=3 {
        let mut messages: Vec<_> = sealed[..3].to_vec();
        messages.insert(place, forged.clone());
        assert_eq!(taken(&verifier, &messages), [Reason::RetiredKey], "at {place}");
        cases += 1;
    }
    println!("changes of keys: {cases} orders");
}
