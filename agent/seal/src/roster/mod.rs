//! The roster: whose keys are whose and what they may sign. Signed by root keys.

mod model;
mod open;
mod parse;

pub use model::{AgentKey, Approver, NamedKey, Role, RootKey, Roster, Thresholds};
pub use open::RosterError;
