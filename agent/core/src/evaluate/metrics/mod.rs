//! Alarm metrics after ISA-18.2 and EEMUA 191: how well alarms serve the people who answer them.
//!
//! Only new annunciations count: what calls for a person. Acknowledgements, shelving and returns do not.

mod restart;
mod stream;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use restart::moved;
pub(crate) use stream::{AlarmMetrics, FloodChange, is_annunciation};
