//! Evaluate: judges readings by the approved Master File, and nothing else (LAW-05).
//!
//! In: readings, the passing of time, Master Files, what people do. Out: alarm changes, batch and
//! phase changes, events. Each unit is a machine of its own; so is the agent's own health.

mod agent_alarms;
mod alarm_point;
mod offer;
mod phase;
mod roles;
mod unit;
mod unit_alarms;
mod watch;

pub(crate) use agent_alarms::{AgentAlarms, MASTER_FILE_EXPIRED, NO_MASTER_FILE};
pub use alarm_point::{AlarmPoint, Handling, Request};
pub(crate) use offer::{InForce, MasterFiles};
pub use roles::Role;
pub(crate) use unit::{ParameterState, Unit, UnitOutput};
