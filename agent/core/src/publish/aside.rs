//! Records that cannot go now, set aside so that they do not stand in the way of others.

use cellwatch_model::Mono;

use super::limits::rebased;
use super::ranges::Ranges;

/// What was set aside. It is in the journal still, and comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Aside {
    /// Larger alone than what the broker of this connection takes: until the next connection. At the
    /// bound of ranges, what lies between the lowest ones waits with them.
    too_large: Ranges,
    /// Refused alone by the broker, or not to be read from the journal: until `due`.
    later: Ranges,
    due: Mono,
}

impl Aside {
    pub(super) fn too_large(&mut self, seq: u64) {
        self.too_large.insert(seq, seq);
        self.too_large.bound();
    }

    /// Sets `first` to `last` aside, at least until `due`.
    pub(super) fn later(&mut self, first: u64, last: u64, due: Mono) {
        self.later.insert(first, last);
        self.later.bound();
        self.due = self.due.max(due);
    }

    /// When some come back.
    pub(super) fn due(&self) -> Option<Mono> {
        (!self.later.is_empty()).then_some(self.due)
    }

    /// What comes back by `now`.
    pub(super) fn release(&mut self, now: Mono) -> Ranges {
        match self.due() {
            Some(due) if due <= now => std::mem::take(&mut self.later),
            Some(_) | None => Ranges::default(),
        }
    }

    /// All of it: the connection ended.
    pub(super) fn release_all(&mut self) -> Ranges {
        let mut all = std::mem::take(&mut self.too_large);
        all.insert_all(&std::mem::take(&mut self.later));
        all
    }

    /// The Control Site has everything up to here.
    pub(super) fn forget(&mut self, through: u64) {
        self.remove(0, through);
    }

    /// Nobody waits for these any more.
    pub(super) fn remove(&mut self, first: u64, last: u64) {
        self.too_large.remove(first, last);
        self.later.remove(first, last);
    }

    /// Takes what is set aside out of `wanted`.
    pub(super) fn subtract_from(&self, wanted: &mut Ranges) {
        wanted.remove_all(&self.too_large);
        wanted.remove_all(&self.later);
    }

    pub(super) fn contains(&self, seq: u64) -> bool {
        self.too_large.contains(seq) || self.later.contains(seq)
    }

    pub(super) fn count(&self) -> u64 {
        self.too_large.count() + self.later.count()
    }

    pub(super) fn rebase(&mut self, origin: Mono) {
        self.due = rebased(self.due, origin);
    }
}
