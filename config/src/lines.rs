//! Where the keys of a file stand, kept beside its model for messages of later checks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Lines of the keys of one text. Two of them are always equal: where something is written is no part of what it says.
#[derive(Clone, Default)]
pub struct Lines(Arc<BTreeMap<String, usize>>);

impl Lines {
    pub(crate) fn new(by_key: BTreeMap<String, usize>) -> Self {
        Self(Arc::new(by_key))
    }

    /// The line, counted from 1, of a key as in [`crate::Problem::key`]; where the key was left out, the line of
    /// the table that would hold it; 1 where nothing is known.
    #[must_use]
    pub fn of(&self, key: &str) -> usize {
        let mut key = key;
        loop {
            if let Some(line) = self.0.get(key) {
                return *line;
            }
            // An id may hold dots itself: each cut is looked up, only known tables match.
            match key.rfind('.') {
                Some(dot) => key = &key[..dot],
                None => return 1,
            }
        }
    }
}

impl PartialEq for Lines {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lines {}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({} keys)", self.0.len())
    }
}
