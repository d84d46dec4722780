//! Events in words and in details.

use std::collections::BTreeMap;

use cellwatch_model::Mono;
use cellwatch_record::{Body, Datum, Event, EventKind};

/// An event as it is said: `Said::new(kind, at, text).with("name", value)`.
pub(crate) struct Said(Event);

impl Said {
    pub(crate) fn new(kind: EventKind, at: Mono, text: impl Into<String>) -> Self {
        Self(Event { kind, at, text: text.into(), details: BTreeMap::new() })
    }

    pub(crate) fn with(mut self, name: &str, datum: impl Into<Datum>) -> Self {
        self.0.details.insert(name.to_owned(), datum.into());
        self
    }
}

impl From<Said> for Body {
    fn from(said: Said) -> Self {
        Self::Event(said.0)
    }
}
