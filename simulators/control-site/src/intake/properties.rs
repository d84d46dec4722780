//! Any order, loss and duplication of a chain's records: what is held and what is missing is exact.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_record::{Missing, bundle};
use proptest::prelude::*;

use super::{Intake, Outcome};
use crate::testing::{AGENT, InMemory, JOURNAL, NOW, TestAgent, verifier};

const CASES: u32 = 256;
const RECORDS: usize = 40;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// `deliveries` are indices of records in any order, some never, some often; `bundled` says
    /// which deliveries go together with the next one.
    #[test]
    fn in_the_end_everything_is_known(
        deliveries in proptest::collection::vec((0..RECORDS, any::<bool>()), 0..120),
    ) {
        let mut agent = TestAgent::new(AGENT, JOURNAL);
        let sealed = agent.healths(RECORDS);
        let mut intake = Intake::new(verifier(&[&agent]), BTreeMap::new(), BTreeMap::new());
        let mut records = InMemory::default();
        let mut model = BTreeSet::new();
        let mut duplicates = 0;
        let mut waiting: Vec<&[u8]> = Vec::new();
        for (index, bundled) in &deliveries {
            duplicates += u64::from(!model.insert(*index as u64 + 1));
            waiting.push(&sealed[*index]);
            if !bundled {
                deliver(&mut intake, &mut records, &agent, &std::mem::take(&mut waiting));
            }
            if waiting.is_empty() {
                check(&intake, &model, duplicates);
            }
        }
        deliver(&mut intake, &mut records, &agent, &waiting);
        check(&intake, &model, duplicates);
        prop_assert_eq!(records.held.len(), model.len());

        // Whatever happened: sending exactly what is missing completes the chain.
        let missing: Vec<Missing> = intake
            .journals()
            .get(&(AGENT.to_owned(), JOURNAL))
            .map(|progress| progress.missing(usize::MAX))
            .unwrap_or_default();
        for range in missing {
            for seq in range.first..=range.last {
                let one = &sealed[usize::try_from(seq).unwrap() - 1];
                deliver(&mut intake, &mut records, &agent, &[one.as_slice()]);
                model.insert(seq);
            }
        }
        check(&intake, &model, duplicates);
        let highest = model.last().copied().unwrap_or(0);
        prop_assert_eq!(model.len() as u64, highest);
    }
}

fn deliver(intake: &mut Intake, records: &mut InMemory, agent: &TestAgent, sealed: &[&[u8]]) {
    let outcomes = match sealed {
        [] => return,
        [one] => intake.handle(&agent.topic("health"), one, NOW, records),
        many => intake.handle(&agent.topic("backfill"), &bundle::encode(many), NOW, records),
    };
    let fits = |one: &Outcome| matches!(one, Outcome::Accepted(_) | Outcome::Duplicate(_));
    assert!(outcomes.unwrap().iter().all(fits));
}

/// Compares the journal's state with the set of sequence numbers that were delivered.
fn check(intake: &Intake, model: &BTreeSet<u64>, duplicates: u64) {
    let Some(progress) = intake.journals().get(&(AGENT.to_owned(), JOURNAL)) else {
        assert!(model.is_empty());
        return;
    };
    let through = (1..).take_while(|seq| model.contains(seq)).last().unwrap_or(0);
    let highest = model.last().copied().unwrap_or(0);
    assert_eq!(progress.through(), through);
    assert_eq!(progress.highest(), highest);
    assert_eq!(progress.counts.verified, model.len() as u64);
    assert_eq!(progress.counts.duplicates, duplicates);
    let missing: Vec<u64> =
        progress.missing(usize::MAX).iter().flat_map(|range| range.first..=range.last).collect();
    let expected: Vec<u64> = (1..=highest).filter(|seq| !model.contains(seq)).collect();
    assert_eq!(missing, expected);
}

#[test]
fn says_how_many_cases() {
    println!("{CASES} cases");
}
