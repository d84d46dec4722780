//! What an alarm remembers that was not always in its first state.

use std::collections::BTreeSet;

use cellwatch_model::Mono;
use cellwatch_record::Person;

/// What is known of a saved alarm beside what the state record has a place for; none where it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// When its last excursion was over.
    pub returned: Option<Mono>,
    /// When it last began to call, where that is not when it was raised.
    pub called: Option<Mono>,
    /// Who acknowledged it last.
    pub seen_by: Option<Person>,
}

/// What has come of an alarm. Most of the alarms of a hall never have any.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// The rules that suppress it now, in words.
    pub(super) suppressors: BTreeSet<String>,
    /// When a person last saw it.
    pub(super) acknowledged_at: Option<Mono>,
    /// Who that was; none where it was seen with the alarm that explained it.
    pub(super) acknowledged_by: Option<Person>,
    /// When it last began to call again; none where that was when it was raised.
    pub(super) called: Option<Mono>,
    /// When the last excursion was over; none before the first one, and after a restart once it was acknowledged.
    pub(super) returned: Option<Mono>,
    /// What the agent says of it.
    pub(super) note: Option<String>,
}

/// The past of an alarm: none until there is one.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Option<Box<Past>>);

impl Kept {
    pub(super) fn get(&self) -> Option<&Past> {
        self.0.as_deref()
    }

    pub(super) fn get_mut(&mut self) -> &mut Past {
        self.0.get_or_insert_default()
    }

    /// As another Master File goes on from: what was said of the alarm was said under the one before.
    pub(super) fn without_note(&self) -> Self {
        Self(self.get().map(|past| Box::new(Past { note: None, ..past.clone() })))
    }

    /// True if this rule suppresses the alarm.
    pub(super) fn is_suppressed_by(&self, rule: &str) -> bool {
        self.get().is_some_and(|past| past.suppressors.contains(rule))
    }

    /// True if any rule suppresses the alarm.
    pub(super) fn is_suppressed(&self) -> bool {
        self.get().is_some_and(|past| !past.suppressors.is_empty())
    }
}
