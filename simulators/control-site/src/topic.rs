//! Topics of the wire (architecture.md §5): who says what about which unit.
//!
//! ```text
//! cellwatch/1/{site}/{agent}/{unit}/telemetry · alarm · batch · deviation · result   live records
//!                           /alarm · event · health · action · state  live records of the agent itself
//!                           /backfill                              bundles of records
//!                           /{unit}/alarms · /alarms               signed summary of standing alarms
//!                           /{unit}/values · alarms.json           plain JSON, no evidence
//!                           /alarms.json · /presence               plain JSON, no evidence
//!                           /down/receipt/{journal}                what the Control Site has of a journal
//!                           /down/receipt/{journal}/batch/{seq}    what it has of a sealed batch
//!                           /down/command · …                      what else the Control Site says
//! ```

use std::fmt;

use cellwatch_record::{JournalId, Kind};

/// First levels of every topic: the project and the version of the layout.
pub const PREFIX: &str = "cellwatch/1";
/// What the Control Site subscribes to: every site, every agent.
pub const FILTER: &str = "cellwatch/1/+/+/#";

/// A topic, taken apart. What it says is a claim until a signature agrees with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Id of the site.
    pub site: String,
    /// Id of the agent.
    pub agent: String,
    /// What is said.
    pub about: About,
}

/// What a topic carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A live record.
    Record {
        /// The unit; none for what concerns the agent as a whole.
        unit: Option<String>,
        /// The kind of record.
        kind: Kind,
    },
    /// A bundle of records.
    Backfill,
    /// A signed summary of the alarms now standing.
    Summary {
        /// The unit; none for the agent itself.
        unit: Option<String>,
    },
    /// Plain JSON: a convenience, no evidence.
    Unsigned {
        /// The unit; none for the agent itself.
        unit: Option<String>,
        /// What it shows.
        what: Unsigned,
    },
    /// From the Control Site to the agent.
    Down,
}

/// Plain JSON topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsigned {
    /// Latest values of a unit.
    Values,
    /// Standing alarms.
    Alarms,
    /// Whether the agent is connected to the broker.
    Presence,
}

/// A topic that the layout does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("topic \"{0}\" is not in the layout {PREFIX}/{{site}}/{{agent}}/…")]
pub struct UnknownTopic(pub String);

impl Topic {
    /// Takes a topic apart.
    ///
    /// # Errors
    /// The layout has no such topic.
    pub fn parse(text: &str) -> Result<Self, UnknownTopic> {
        let unknown = || UnknownTopic(text.to_owned());
        let rest = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('/'));
        let mut levels = rest.ok_or_else(unknown)?.split('/');
        let (Some(site), Some(agent)) = (levels.next(), levels.next()) else {
            return Err(unknown());
        };
        let rest: Vec<&str> = levels.collect();
        let about = About::of(&rest).ok_or_else(unknown)?;
        if site.is_empty() || agent.is_empty() {
            return Err(unknown());
        }
        Ok(Self { site: site.to_owned(), agent: agent.to_owned(), about })
    }

    /// The topic of a journal's receipts: its own, so that no other journal's replaces them at the broker.
    #[must_use]
    pub fn receipt(site: &str, agent: &str, journal: JournalId) -> String {
        Self::down(site, agent, &format!("receipt/{journal}"))
    }

    /// The topic of what is said of the batch whose seal is `seal_seq`.
    #[must_use]
    pub fn completeness(site: &str, agent: &str, journal: JournalId, seal_seq: u64) -> String {
        Self::down(site, agent, &format!("receipt/{journal}/batch/{seal_seq}"))
    }

    /// The topic on which `agent` hears `what` from the Control Site, such as `master-file`.
    #[must_use]
    pub fn down(site: &str, agent: &str, what: &str) -> String {
        format!("{PREFIX}/{site}/{agent}/down/{what}")
    }
}

impl About {
    fn of(levels: &[&str]) -> Option<Self> {
        let record =
            |unit: Option<&str>, kind| Some(Self::Record { unit: unit.map(str::to_owned), kind });
        let unsigned =
            |unit: Option<&str>, what| Some(Self::Unsigned { unit: unit.map(str::to_owned), what });
        match levels {
            ["down", ..] => Some(Self::Down),
            ["alarm"] => record(None, Kind::Alarm),
            ["event"] => record(None, Kind::Event),
            ["health"] => record(None, Kind::Health),
            ["action"] => record(None, Kind::Action),
            ["state"] => record(None, Kind::State),
            ["backfill"] => Some(Self::Backfill),
            ["alarms"] => Some(Self::Summary { unit: None }),
            ["alarms.json"] => unsigned(None, Unsigned::Alarms),
            ["presence"] => unsigned(None, Unsigned::Presence),
            ["", _] => None,
            [unit, "telemetry"] => record(Some(unit), Kind::Telemetry),
            [unit, "alarm"] => record(Some(unit), Kind::Alarm),
            [unit, "batch"] => record(Some(unit), Kind::Batch),
            [unit, "deviation"] => record(Some(unit), Kind::Deviation),
            [unit, "result"] => record(Some(unit), Kind::Result),
            [unit, "alarms"] => Some(Self::Summary { unit: Some((*unit).to_owned()) }),
            [unit, "values"] => unsigned(Some(unit), Unsigned::Values),
            [unit, "alarms.json"] => unsigned(Some(unit), Unsigned::Alarms),
            _ => None,
        }
    }
}

impl Unsigned {
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Alarms => "alarms",
            Self::Presence => "presence",
        }
    }
}

impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
