//! The earliest of many deadlines, without a look at all of them each time.

use std::cell::Cell;

use cellwatch_model::Mono;

/// Not later than the earliest of many deadlines, and exact after [`Self::forget`]. Whoever comes too early for one that was
/// put off finds nothing due, and forgets it.
#[derive(Clone, Debug, Default)]
pub(super) struct Earliest {
    /// None while all of them are to be looked at.
    known: Cell<Option<Option<Mono>>>,
}

impl Earliest {
    /// One of them is this now.
    pub(super) fn add(&mut self, due: Option<Mono>) {
        if let Some(known) = self.known.get_mut() {
            *known = known.iter().copied().chain(due).min();
        }
    }

    /// Any of them may have changed.
    pub(super) fn forget(&mut self) {
        self.known.set(None);
    }

    /// The earliest; `all` finds it where that is not known.
    pub(super) fn get(&self, all: impl FnOnce() -> Option<Mono>) -> Option<Mono> {
        let earliest = self.known.get().unwrap_or_else(all);
        self.known.set(Some(earliest));
        earliest
    }
}

#[cfg(test)]
mod tests {
    use cellwatch_model::Mono;
    use proptest::prelude::*;

    use super::Earliest;

    proptest! {
        #[test]
        fn it_is_never_later_than_the_earliest_and_exact_once_all_were_looked_at(
            changes in prop::collection::vec((0usize..8, prop::option::of(0u64..100)), 1..50),
        ) {
            let mut all = [None; 8];
            let mut earliest = Earliest::default();
            for (index, due) in changes {
                all[index] = due.map(Mono);
                earliest.add(all[index]);
                let exact = all.iter().flatten().min().copied();
                let bound = earliest.get(|| exact);
                prop_assert!(exact.is_none_or(|exact| bound.is_some_and(|bound| bound <= exact)));
                if index == 0 {
                    earliest.forget();
                    prop_assert_eq!(earliest.get(|| exact), exact);
                }
            }
        }
    }
}
