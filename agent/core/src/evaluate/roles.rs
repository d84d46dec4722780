//! Who may do what: one table, asked for every action whatever way it came (21 CFR 11.10(g)).
//!
//! ```text
//!                        viewer operator supervisor maintenance quality administrator
//!   log in, look            x      x         x           x         x         -
//!   read the audit trail    x      x         x           x         x         -
//!   comment                 x      x         x           x         x         -
//!   acknowledge, reset      -      x         x           -         -         -
//!   shelve, unshelve        -      x         x           -         -         -
//!   out of service, back    -      -         -           x         -         -
//!   lead a batch            -      x         x           -         -         -
//!   skip a phase            -      -         x           -         -         -
//!   results                 -      x         x           -         -         -
//!   lights, horn, messages  -      x         x           x         -         -
//!   review                  -      -         -           -         x         -
//!   manage accounts         -      -         -           -         -         x
//! ```

use std::fmt;

use super::Request;

/// Roles of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks, and comments.
    Viewer,
    /// Answers alarms, enters results, leads batches.
    Operator,
    /// As operator; decides on phases.
    Supervisor,
    /// Takes alarms out of service and returns them.
    Maintenance,
    /// Quality assurance: reviews.
    Quality,
    /// Keeps the accounts, from an account of this machine. No account of a person has this role: who decides who
    /// may answer alarms answers none.
    Administrator,
}

/// What people do besides handling alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Logs in and out, looks, changes the own password.
    LogIn,
    /// Reads the audit trail and the history, and exports them.
    ReadTrail,
    /// Says something about an alarm or a unit.
    Comment,
    /// Starts and ends batches, goes on to a phase that may follow.
    LeadBatch,
    /// Goes on to a phase that may not follow; the alarm on the order is raised nevertheless.
    SkipPhase,
    /// Enters, confirms and corrects results.
    EnterResults,
    /// Marks the audit trail as reviewed.
    Review,
    /// Adds, disables and resets accounts.
    ManageAccounts,
    /// Silences the horn, tests lights, horn and messages.
    HandleAnnunciation,
}

impl Role {
    /// Every role that a person's account can have.
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
            Self::Administrator => "administrator",
        }
    }

    /// The role with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = Self::ALL.into_iter().chain([Self::Administrator]);
        all.into_iter().find(|role| role.word() == word)
    }

    /// True if the role may do this.
    #[must_use]
    pub const fn has(self, duty: Duty) -> bool {
        let person = !matches!(self, Self::Administrator);
        match duty {
            Duty::LogIn | Duty::ReadTrail | Duty::Comment => person,
            Duty::LeadBatch | Duty::EnterResults => {
                matches!(self, Self::Operator | Self::Supervisor)
            }
            Duty::SkipPhase => matches!(self, Self::Supervisor),
            Duty::Review => matches!(self, Self::Quality),
            Duty::ManageAccounts => matches!(self, Self::Administrator),
            Duty::HandleAnnunciation => {
                matches!(self, Self::Operator | Self::Supervisor | Self::Maintenance)
            }
        }
    }

    /// True if the role may ask this of an alarm.
    #[must_use]
    pub const fn may(self, request: Request) -> bool {
        match request {
            Request::Acknowledge | Request::Reset | Request::Shelve { .. } | Request::Unshelve => {
                matches!(self, Self::Operator | Self::Supervisor)
            }
            Request::TakeOutOfService | Request::ReturnToService => {
                matches!(self, Self::Maintenance)
            }
        }
    }

    /// What the role may do, in words for programs: pages offer nothing else.
    #[must_use]
    pub fn may_do(self) -> Vec<&'static str> {
        let shelve = Request::Shelve { one_shot: false, for_ms: 0 };
        let requests = [
            (Request::Acknowledge, "acknowledge"),
            (Request::Reset, "reset"),
            (shelve, "shelve"),
            (Request::Unshelve, "unshelve"),
            (Request::TakeOutOfService, "take-out-of-service"),
            (Request::ReturnToService, "return-to-service"),
        ];
        let duties: [(Duty, &[&'static str]); 7] = [
            (Duty::Comment, &["comment"]),
            (Duty::LeadBatch, &["start-batch", "end-batch", "set-phase"]),
            (Duty::SkipPhase, &["skip-phase"]),
            (Duty::EnterResults, &["enter-result", "confirm-result", "correct-result"]),
            (Duty::Review, &["review"]),
            (Duty::ReadTrail, &["read-trail"]),
            (Duty::HandleAnnunciation, &["silence-horn", "test-annunciation"]),
        ];
        let requests = requests.into_iter().filter(|(request, _)| self.may(*request));
        let duties = duties.into_iter().filter(|(duty, _)| self.has(*duty));
        let words = duties.flat_map(|(_, words)| words.iter().copied());
        requests.map(|(_, word)| word).chain(words).collect()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
