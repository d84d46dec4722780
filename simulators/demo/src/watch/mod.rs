//! What the agent's journal and the Control Site's database say: read beside their writers, by the
//! same tables and views that anybody else may read.

mod control_site;
mod journal;
mod percentile;

pub use control_site::{AlarmChange, ControlSite, Counts, RAISED, RETURNED};
pub use journal::published;
pub use percentile::percentile;

#[cfg(test)]
mod tests;
