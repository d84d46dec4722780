//! A unit and when it is due.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use cellwatch_model::Mono;

use crate::evaluate::Unit;

/// A unit whose next deadline is worked out again only after something was done to it: the agent asks for it at every
/// input, and most inputs are of no concern to most units.
#[derive(Debug)]
pub(super) struct DueUnit {
    unit: Unit,
    /// None while it is to be worked out.
    due: Cell<Option<Option<Mono>>>,
}

impl DueUnit {
    pub(super) const fn new(unit: Unit) -> Self {
        Self { unit, due: Cell::new(None) }
    }

    /// When something of the unit's is due.
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        let due = self.due.get().unwrap_or_else(|| self.unit.next_deadline());
        self.due.set(Some(due));
        due
    }
}

impl Deref for DueUnit {
    type Target = Unit;

    fn deref(&self) -> &Unit {
        &self.unit
    }
}

impl DerefMut for DueUnit {
    fn deref_mut(&mut self) -> &mut Unit {
        self.due.set(None);
        &mut self.unit
    }
}
