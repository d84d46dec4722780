//! A set of sequence numbers, kept as ranges.

use std::collections::BTreeMap;

use super::limits::RANGES_MAX;

/// A set of sequence numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// True if it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers it holds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.iter()
            .fold(0, |sum, (first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }

    /// The ranges, ascending, none touching another: first and last, both included.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }

    /// The lowest range: first and last, both included.
    #[must_use]
    pub fn first(&self) -> Option<(u64, u64)> {
        self.iter().next()
    }

    /// True if it holds `seq`.
    #[must_use]
    pub fn contains(&self, seq: u64) -> bool {
        self.overlaps(seq, seq)
    }

    /// True if it holds any of `first` to `last`.
    #[must_use]
    pub fn overlaps(&self, first: u64, last: u64) -> bool {
        first <= last && self.overlapping(first, last).is_some()
    }

    /// Adds `first` to `last`; nothing if `last` is before `first`.
    pub fn insert(&mut self, first: u64, last: u64) {
        if last < first {
            return;
        }
        let (mut first, mut last) = (first, last);
        // All ranges that touch the new one are joined with it.
        while let Some((from, to)) = self.touching(first, last) {
            self.0.remove(&from);
            first = first.min(from);
            last = last.max(to);
        }
        self.0.insert(first, last);
    }

    fn touching(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let (from, to) = self.0.range(..=last.saturating_add(1)).next_back()?;
        (to.saturating_add(1) >= first).then_some((*from, *to))
    }

    /// Takes `first` to `last` out.
    pub fn remove(&mut self, first: u64, last: u64) {
        if last < first {
            return;
        }
        while let Some((from, to)) = self.overlapping(first, last) {
            self.0.remove(&from);
            if from < first {
                self.0.insert(from, first - 1);
            }
            if to > last {
                self.0.insert(last + 1, to);
            }
        }
    }

    fn overlapping(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let (from, to) = self.0.range(..=last).next_back()?;
        (*to >= first).then_some((*from, *to))
    }

    /// Adds all that `other` holds.
    pub fn insert_all(&mut self, other: &Self) {
        for (first, last) in other.iter() {
            self.insert(first, last);
        }
    }

    /// Takes all out that `other` holds.
    pub fn remove_all(&mut self, other: &Self) {
        for (first, last) in other.iter() {
            self.remove(first, last);
        }
    }

    /// Keeps the number of ranges within [`RANGES_MAX`], by joining the lowest two with what lies between.
    pub fn bound(&mut self) {
        while self.0.len() > RANGES_MAX {
            let Some((first, _)) = self.0.pop_first() else { return };
            let Some((_, last)) = self.0.pop_first() else { return };
            self.0.insert(first, last);
        }
    }
}
