//! Follows one journal: contiguous from seq 1 up to where, and which islands lie beyond holes.
//!
//! ```text
//! seq   1 2 3 4 5 6 7 8 9
//!       ■ ■ ■ · · ■ ■ · ■        through 3; islands 6–7 and 9; missing 4–5 and 8
//! ```
//! A record is taken only where it fits both neighbours that are held: nothing that is held is ever
//! replaced. A newcomer that does not fit is evidence of a forked chain.

use std::collections::BTreeMap;

use cellwatch_record::{Hash, Missing};

/// Most islands of one journal. A record that would begin one more is dropped: it stays missing.
/// 1024 is more than live records between alarms of any backlog make; each takes about 100 bytes.
pub const ISLANDS_MAX: usize = 1024;

/// What is held of one journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    through: u64,
    hash: Hash,
    islands: BTreeMap<u64, Island>,
    known_last: u64,
    /// What has been counted.
    pub counts: Counts,
}

/// Counters of one journal, since its first record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Records accepted.
    pub verified: u64,
    /// Records that came again, byte for byte.
    pub duplicates: u64,
    /// Records refused after their signature was found right.
    pub refused: u64,
    /// Records dropped because of [`ISLANDS_MAX`].
    pub no_room: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Island {
    last: u64,
    first_prev: Hash,
    last_hash: Hash,
}

/// Where a record would stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It follows a held record, or fills the room before one.
    Fits,
    /// It begins an island: there is a hole before it.
    BeginsIsland,
    /// A record with this sequence number is held.
    Held,
    /// It does not fit a neighbour.
    Misfit(Misfit),
    /// It would begin one island too many.
    NoRoom,
    /// Sequence numbers begin with 1.
    BadSequence,
}

/// Two records that should be neighbours and are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Sequence number of the later one.
    pub later: u64,
    /// What the later one names as the hash of the earlier one.
    pub named: Hash,
    /// The hash of the earlier one.
    pub actual: Hash,
}

impl Progress {
    /// Every record up to this is held; 0 for none.
    #[must_use]
    pub const fn through(&self) -> u64 {
        self.through
    }

    /// Hash of the payload of [`Self::through`]; [`Hash::NONE`] for none.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Highest sequence number that is held.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.islands.last_key_value().map_or(self.through, |(_, island)| island.last)
    }

    /// Highest sequence number that is known to exist from elsewhere; 0 for none.
    #[must_use]
    pub const fn known_last(&self) -> u64 {
        self.known_last
    }

    /// Something else than a record of this journal says that records up to `seq` exist.
    pub fn learn_last(&mut self, seq: u64) {
        self.known_last = self.known_last.max(seq);
    }

    /// How many islands lie beyond holes.
    #[must_use]
    pub fn islands(&self) -> usize {
        self.islands.len()
    }

    /// Ranges that are known to exist and are not held, ascending, at most `max` of them.
    #[must_use]
    pub fn missing(&self, max: usize) -> Vec<Missing> {
        self.holes().take(max).collect()
    }

    /// Ranges from `first` to `last` that are not held, ascending, at most `max` of them.
    #[must_use]
    pub fn missing_between(&self, first: u64, last: u64, max: usize) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut next = first.max(self.through.saturating_add(1));
        let islands = self.islands.iter().map(|(first, island)| (*first, island.last));
        for (island, ends) in islands.filter(|(_, ends)| *ends >= first) {
            if island > last || missing.len() >= max {
                break;
            }
            if next < island {
                missing.push(Missing { first: next, last: island - 1 });
            }
            next = next.max(ends.saturating_add(1));
        }
        if next <= last && missing.len() < max {
            missing.push(Missing { first: next, last });
        }
        missing
    }

    /// How many ranges and how many records are missing.
    #[must_use]
    pub fn missing_totals(&self) -> (u64, u64) {
        self.holes().fold((0, 0), |(ranges, records), hole| {
            (ranges + 1, records + (hole.last - hole.first + 1))
        })
    }

    fn holes(&self) -> impl Iterator<Item = Missing> + '_ {
        let mut before = self.through;
        let between = self.islands.iter().map(move |(first, island)| {
            let hole = Missing { first: before + 1, last: first - 1 };
            before = island.last;
            hole
        });
        let highest = self.highest();
        let after = (self.known_last > highest)
            .then_some(Missing { first: highest + 1, last: self.known_last });
        between.chain(after)
    }

    /// True where a record with this sequence number is held.
    #[must_use]
    pub fn holds(&self, seq: u64) -> bool {
        (1..=self.through).contains(&seq)
            || self.island_before(seq).is_some_and(|(_, island)| seq <= island.last)
    }

    /// The last island that begins at or before `seq`.
    fn island_before(&self, seq: u64) -> Option<(u64, Island)> {
        self.islands.range(..=seq).next_back().map(|(first, island)| (*first, *island))
    }

    fn hash_before(&self, seq: u64) -> Option<Hash> {
        if seq == self.through + 1 {
            return Some(self.hash);
        }
        let (_, island) = self.island_before(seq)?;
        (island.last + 1 == seq).then_some(island.last_hash)
    }

    /// Where the record `seq` with this `prev` and `hash` would stand.
    #[must_use]
    pub fn place(&self, seq: u64, prev: Hash, hash: Hash) -> Place {
        if seq == 0 || seq == u64::MAX {
            return Place::BadSequence;
        }
        if self.holds(seq) {
            return Place::Held;
        }
        let before = self.hash_before(seq);
        if let Some(actual) = before.filter(|actual| *actual != prev) {
            return Place::Misfit(Misfit { later: seq, named: prev, actual });
        }
        let after = self.islands.get(&(seq + 1));
        if let Some(next) = after.filter(|next| next.first_prev != hash) {
            let misfit = Misfit { later: seq + 1, named: next.first_prev, actual: hash };
            return Place::Misfit(misfit);
        }
        match (before, after) {
            (Some(_), _) => Place::Fits,
            (None, Some(_)) => Place::Fits,
            (None, None) if self.islands.len() < ISLANDS_MAX => Place::BeginsIsland,
            (None, None) => Place::NoRoom,
        }
    }

    /// Takes a record that [`Self::place`] found to fit or to begin an island.
    pub fn take(&mut self, seq: u64, prev: Hash, hash: Hash) {
        debug_assert!(
            matches!(self.place(seq, prev, hash), Place::Fits | Place::BeginsIsland),
            "only what fits is taken"
        );
        self.counts.verified += 1;
        self.insert(seq, prev, hash);
    }

    /// Puts back what was held before a restart, without counting it; `through` and its hash first.
    pub fn restore(&mut self, seq: u64, prev: Hash, hash: Hash) {
        self.insert(seq, prev, hash);
    }

    /// Begins with what was held before a restart.
    #[must_use]
    pub fn resumed(through: u64, hash: Hash, known_last: u64, counts: Counts) -> Self {
        Self { through, hash, islands: BTreeMap::new(), known_last, counts }
    }

    fn insert(&mut self, seq: u64, prev: Hash, hash: Hash) {
        let next = self.islands.remove(&(seq + 1));
        let (last, last_hash) = next.map_or((seq, hash), |next| (next.last, next.last_hash));
        if seq == self.through + 1 {
            self.through = last;
            self.hash = last_hash;
            return;
        }
        let (first, first_prev) = self
            .island_before(seq)
            .filter(|(_, island)| island.last + 1 == seq)
            .map_or((seq, prev), |(first, island)| (first, island.first_prev));
        self.islands.insert(first, Island { last, first_prev, last_hash });
    }
}
