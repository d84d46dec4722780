//! Ranges and book against plain references.

use std::collections::BTreeSet;

use cellwatch_core::publish::{Book, Carried, Ranges};
use cellwatch_model::Mono;
use proptest::prelude::*;

/// Largest sequence number of the references.
const SEQ_MAX: u64 = 48;

fn ranges_of(set: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for seq in set {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *seq => *last = *seq,
            _ => ranges.push((*seq, *seq)),
        }
    }
    ranges
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranges_are_a_set(
        steps in proptest::collection::vec((any::<bool>(), 0..SEQ_MAX, 0..SEQ_MAX), 0..40),
        other in proptest::collection::btree_set(0..SEQ_MAX, 0..20),
    ) {
        let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
        for (add, first, last) in steps {
            if add {
                ranges.insert(first, last);
                set.extend(first..=last);
            } else {
                ranges.remove(first, last);
                set.retain(|seq| !(first..=last).contains(seq));
            }
            prop_assert_eq!(ranges.iter().collect::<Vec<_>>(), ranges_of(&set));
            prop_assert_eq!(ranges.count(), set.len() as u64);
            prop_assert_eq!(ranges.is_empty(), set.is_empty());
            prop_assert_eq!(ranges.first(), ranges_of(&set).first().copied());
            prop_assert_eq!(ranges.contains(first), set.contains(&first));
            let overlaps = set.iter().any(|seq| (first..=last).contains(seq));
            prop_assert_eq!(ranges.overlaps(first, last), overlaps);
        }
        let mut second = Ranges::default();
        for seq in &other {
            second.insert(*seq, *seq);
        }
        let (mut joined, mut less) = (ranges.clone(), ranges);
        joined.insert_all(&second);
        less.remove_all(&second);
        prop_assert_eq!(joined.iter().collect::<Vec<_>>(), ranges_of(&(&set | &other)));
        prop_assert_eq!(less.iter().collect::<Vec<_>>(), ranges_of(&(&set - &other)));
    }

    /// Identifiers are used again while others are open, answers come for what was never sent.
    #[test]
    fn the_book_loses_nothing(
        steps in proptest::collection::vec((0u8..8, 1u16..5), 0..60),
    ) {
        let mut book = Book::default();
        // In the order in which they were handed over: number, and identifier once sent.
        let mut open: Vec<(u64, Option<u16>)> = Vec::new();
        let one = |number| Carried::Records { first: number, last: number, urgent: false, backfill: number % 2 == 0 };
        let number_of = |carried: Carried| match carried {
            Carried::Records { first, .. } => first,
            Carried::Document { .. } => unreachable!("none is handed over"),
        };
        for ((what, packet_id), number) in steps.into_iter().zip(1u64..) {
            let place = open.iter().position(|(_, id)| *id == Some(packet_id));
            match what {
                0..=2 => {
                    book.hand(one(number), Mono(number));
                    open.push((number, None));
                }
                3..=4 => {
                    let next = open.iter().position(|(_, id)| id.is_none());
                    let lost = book.sent(packet_id).map(number_of);
                    prop_assert_eq!(lost, next.and(place).map(|place| open[place].0));
                    if let Some(next) = next {
                        open[next].1 = Some(packet_id);
                        if let Some(place) = place { open.remove(place); }
                    }
                }
                5..=6 => {
                    let answered = book.answered(packet_id).map(number_of);
                    prop_assert_eq!(answered, place.map(|place| open.remove(place).0));
                }
                _ => {
                    let all: BTreeSet<u64> = book.clear().into_iter().map(number_of).collect();
                    prop_assert_eq!(all, open.drain(..).map(|(number, _)| number).collect());
                }
            }
            prop_assert_eq!(book.len(), open.len());
            prop_assert_eq!(book.bundles(), open.iter().filter(|(number, _)| number % 2 == 0).count());
            prop_assert_eq!(book.due(), open.iter().map(|(number, _)| Mono(*number)).min());
        }
    }
}
