//! What an alarm is, whatever state it is in.

use cellwatch_alarm::Limit;
use cellwatch_model::{LimitKind, Priority};

use crate::evaluate::Handling;

/// What an alarm is. Units that the same Master File judges share it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Id, such as `TEMP.HH`.
    pub id: String,
    /// The parameter, device or part of the agent that it watches.
    pub source: String,
    /// What it watches for.
    pub kind: LimitKind,
    /// Priority.
    pub priority: Priority,
    /// What a person does.
    pub response: String,
    /// Limit, deadband and delays.
    pub limit: Limit,
    /// How people handle it.
    pub handling: Handling,
    /// Phases in which it is judged; empty for always.
    pub phases: Vec<String>,
}
