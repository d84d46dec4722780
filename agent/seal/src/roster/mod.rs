//! The roster: whose keys are whose and what they may sign. Signed by root keys.

mod model;
mod open;
mod parse;
mod revoked;

pub use model::{AgentKey, Approver, NamedKey, Revoked, Role, RootKey, Roster, Thresholds};
pub use open::RosterError;
pub(crate) use open::date;
