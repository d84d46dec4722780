//! What the OPC UA face showed, and when.

use std::collections::VecDeque;

/// Most showings that are kept; the oldest goes.
const SHOWINGS_MAX: usize = 1024;

/// All nodes at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// Server time of all nodes: 100 ns since 1601 (OPC 10000-6 §5.2.2.5). The library moves source times of samples that
    /// come within a sampling interval to its end.
    pub server_ticks: i64,
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

    /// Server time of the last one.
    #[must_use]
    pub fn last_ticks(&self) -> Option<i64> {
        self.0.back().map(|one| one.server_ticks)
    }

    /// Those with this server time, as far as they are kept.
    pub fn at(&self, server_ticks: i64) -> impl Iterator<Item = &Showing> {
        self.0.iter().filter(move |one| one.server_ticks == server_ticks)
    }
}
