//! Who may do what: one table, asked for every action whatever way it came (21 CFR 11.10(g)).

use std::fmt;

use super::Request;

/// Roles of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks, and comments.
    Viewer,
    /// Answers alarms, enters results, leads batches.
    Operator,
    /// As operator; shelves what an operator may not, decides on phases.
    Supervisor,
    /// Takes alarms out of service and returns them.
    Maintenance,
    /// Quality assurance: reviews.
    Quality,
}

/// What people do in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Starts and ends batches, goes on to a phase that may follow.
    LeadBatch,
    /// Goes on to a phase that may not follow; the alarm on the order is raised nevertheless.
    SkipPhase,
    /// Enters, confirms and corrects results.
    EnterResults,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Operator, Self::Supervisor, Self::Maintenance, Self::Quality];

    /// The word in records and accounts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Maintenance => "maintenance",
            Self::Quality => "quality",
        }
    }

    /// The role with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// True if the role may do this in a batch.
    #[must_use]
    pub const fn has(self, duty: Duty) -> bool {
        match self {
            Self::Viewer | Self::Maintenance | Self::Quality => false,
            Self::Operator => !matches!(duty, Duty::SkipPhase),
            Self::Supervisor => true,
        }
    }

    /// True if the role may ask this of an alarm.
    #[must_use]
    pub const fn may(self, request: Request) -> bool {
        let (operator, supervisor, maintenance) = match request {
            Request::Acknowledge | Request::Reset => (true, true, false),
            Request::Shelve { .. } | Request::Unshelve => (true, true, false),
            Request::TakeOutOfService | Request::ReturnToService => (false, false, true),
        };
        match self {
            Self::Viewer | Self::Quality => false,
            Self::Operator => operator,
            Self::Supervisor => supervisor,
            Self::Maintenance => maintenance,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
