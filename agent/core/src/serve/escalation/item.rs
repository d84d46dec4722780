//! One alarm in a message.

use cellwatch_model::{Priority, Utc};

/// Why a route is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The alarm calls.
    Called,
    /// Nobody has acknowledged it within its time to respond.
    Unanswered,
}

impl Stage {
    /// Number in records.
    pub(super) const fn code(self) -> u64 {
        match self {
            Self::Called => 1,
            Self::Unanswered => 2,
        }
    }

    /// The reverse of [`Self::code`].
    pub(super) const fn from_code(code: i64) -> Option<Self> {
        match code {
            1 => Some(Self::Called),
            2 => Some(Self::Unanswered),
            _ => None,
        }
    }
}

/// One alarm in a message: what a person who is away has to know. No patient data: names come from site file and Master File.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Id of the unit; none for the agent's own alarms.
    pub unit: Option<String>,
    /// Name of the unit for people; of the site's agent where there is no unit.
    pub name: String,
    /// Id of the alarm.
    pub alarm: String,
    /// Which excursion it is.
    pub occurrence: u32,
    /// Why the route is told.
    pub stage: Stage,
    /// The parameter, device or part of the agent that the alarm watches.
    pub source: String,
    /// Priority.
    pub priority: Priority,
    /// The value that it judged last, where there is one.
    pub value: Option<f64>,
    /// Its limit, where it has one.
    pub limit: Option<f64>,
    /// Unit of measure of both; empty where there is none.
    pub unit_of_measure: String,
    /// Since when.
    pub since: Utc,
    /// By when somebody has to respond, where the Master File says so.
    pub respond_by: Option<Utc>,
    /// What to do.
    pub response: String,
}
