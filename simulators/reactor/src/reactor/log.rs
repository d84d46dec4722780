//! What was read and what the registers held.

use std::collections::VecDeque;

use cellwatch_config::profile::Table;

/// Most reads that are kept; the oldest goes.
const READS_MAX: usize = 1024;

/// A read that the device understood, with what its registers held then, whatever was sent in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Counts reads from 1.
    pub number: u64,
    /// The table.
    pub table: Table,
    /// First register or bit.
    pub address: u16,
    /// Registers, or bits as 0 and 1.
    pub words: Vec<u16>,
}

/// The last reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    reads: VecDeque<Served>,
    last: u64,
}

impl Log {
    pub(super) fn served(&mut self, table: Table, address: u16, words: &[u16]) {
        if self.reads.len() >= READS_MAX {
            self.reads.pop_front();
        }
        self.last += 1;
        let words = words.to_vec();
        self.reads.push_back(Served { number: self.last, table, address, words });
    }

    /// Number of the last read; 0 before the first.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// The reads after the one with this number, as far as they are kept.
    pub fn after(&self, number: u64) -> impl Iterator<Item = &Served> {
        self.reads.iter().filter(move |read| read.number > number)
    }
}
