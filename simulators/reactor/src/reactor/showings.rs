//! What the OPC UA face showed, and when.

use std::collections::VecDeque;

/// Most showings that are kept; the oldest goes.
const SHOWINGS_MAX: usize = 1024;

/// All nodes at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// Source time of all nodes: 100 ns since 1601 (OPC 10000-6 §5.2.2.5).
    pub source_ticks: i64,
    /// Words of each parameter, in the profile's order.
    pub words: Vec<Vec<u16>>,
}

/// The last showings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Showings(VecDeque<Showing>);

impl Showings {
    /// Keeps one.
    pub fn add(&mut self, showing: Showing) {
        if self.0.len() >= SHOWINGS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(showing);
    }

    /// Source time of the last one.
    #[must_use]
    pub fn last_ticks(&self) -> Option<i64> {
        self.0.back().map(|one| one.source_ticks)
    }

    /// Those with this source time, as far as they are kept.
    pub fn at(&self, source_ticks: i64) -> impl Iterator<Item = &Showing> {
        self.0.iter().filter(move |one| one.source_ticks == source_ticks)
    }
}
