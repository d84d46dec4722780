//! Evaluate: judges readings by the approved Master File, and nothing else (LAW-05).
//!
//! In: readings, the passing of time, Master Files, what people do. Out: alarm changes, batch and
//! phase changes, deviation candidates, results, events. Each unit is a machine of its own; so is the
//! agent's own health.

mod agent_alarms;
mod alarm_point;
mod batch;
mod batch_id;
mod deviation;
mod device_alarms;
mod earliest;
mod handling;
mod master_files;
mod metrics;
mod points;
mod request;
mod results;
mod roles;
mod site_status;
mod times;
mod unit;
mod unit_alarms;
mod watch;

pub(crate) use agent_alarms::{
    ANNUNCIATOR, AgentAlarms, BACKLOG, BROKER, CERTIFICATE, CLOCK, CLOCK_STEP, DEVICE_CLOCK, DISK,
    JOURNAL, KEY_FILE, MASTER_FILE_EXPIRED, MASTER_FILE_EXPIRES, NO_MASTER_FILE, NOTIFICATION,
    RECEIPT, SITE_STATUS, UNSEALED, is_not_authorised, not_authorised,
};
pub use alarm_point::{AlarmPoint, Beside, Definition};
pub(crate) use batch::OpenBatch;
pub use batch_id::check_batch_id;
pub use handling::Handling;
pub(crate) use master_files::{
    Accepted, Entry, InForce, MasterFiles, Settled, Taken, fold_event, texts, words,
};
pub(crate) use metrics::{AlarmMetrics, FloodChange, is_annunciation, moved as counted_moved};
pub(crate) use points::{Rules, without_place};
pub use request::Request;
pub use results::NewResult;
pub use roles::{Duty, Role};
pub(crate) use site_status::{Obeyed, SiteState, fold_command};
pub(crate) use times::Times;
pub(crate) use unit::{ParameterState, Unit, UnitOutput};
