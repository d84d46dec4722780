//! What a person asks of an alarm.

/// What a person asks of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// I have seen it.
    Acknowledge,
    /// Clear the latch.
    Reset,
    /// Put it aside for so long, milliseconds; one-shot: at the latest until it returns.
    Shelve {
        /// Ends when the alarm returns.
        one_shot: bool,
        /// How long, milliseconds.
        for_ms: u64,
    },
    /// Take it from the shelf.
    Unshelve,
    /// Maintenance takes it out of service.
    TakeOutOfService,
    /// Maintenance returns it to service.
    ReturnToService,
}

impl Request {
    /// The word in action records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Reset => "reset",
            Self::Shelve { .. } => "shelve",
            Self::Unshelve => "unshelve",
            Self::TakeOutOfService => "take out of service",
            Self::ReturnToService => "return to service",
        }
    }

    /// What is asked for besides the word, as an action record has it: for how long to shelve.
    #[must_use]
    pub fn value(self) -> Option<String> {
        match self {
            Self::Shelve { one_shot: true, for_ms } => Some(format!("{for_ms} ms, one-shot")),
            Self::Shelve { one_shot: false, for_ms } => Some(format!("{for_ms} ms")),
            Self::Acknowledge
            | Self::Reset
            | Self::Unshelve
            | Self::TakeOutOfService
            | Self::ReturnToService => None,
        }
    }

    /// The request of an action record; none where it was about something else than an alarm.
    #[must_use]
    pub fn of_action(word: &str, value: Option<&str>) -> Option<Self> {
        let simple = [
            Self::Acknowledge,
            Self::Reset,
            Self::Unshelve,
            Self::TakeOutOfService,
            Self::ReturnToService,
        ];
        if word != "shelve" {
            return simple.into_iter().find(|one| one.word() == word);
        }
        let value = value?;
        let one_shot = value.ends_with(", one-shot");
        let for_ms = value.split_once(" ms")?.0.parse().ok()?;
        Some(Self::Shelve { one_shot, for_ms })
    }
}
