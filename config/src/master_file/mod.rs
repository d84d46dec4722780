//! The Master File: what the Control Site approved for a product (LAW-05).

mod alarm;
mod deviation;
mod equipment;
mod handling;
mod limits;
mod model;
mod parameter;
mod parse;
mod phase;
mod reach;
mod references;
mod route;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use deviation::When as DeviationWord;
pub use model::{
    Activation, Alarm, AlarmClass, AlarmsMeant, DeviationRule, DeviationWhen, Entry, Equipment,
    MasterFile, PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN, Parameter, Phase, Route, RouteKind,
    Watch,
};
pub use parse::parse;
