//! Believe: what a decoded value is worth, made from what the device said before (LAW-02).
//!
//! In: decoded readings of one device in the order of their answers. Out: the same with their quality,
//! before they are judged and recorded, so that the records hold everything that judging used (LAW-08).

mod believer;
mod frozen;
mod heartbeat;
mod identity;
mod rate;
mod torn;
mod uptime;

pub(super) use believer::Believer;
pub(crate) use believer::Restarted;
pub(super) use identity::Mark;
pub(super) use torn::{READS_MAX, agreed, settled};
