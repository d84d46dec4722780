//! Escalation: messages to people who are not in the room, by the routes of the Master File in force.
//!
//! A route is told when an alarm calls (or, where it says so, when nobody has acknowledged it for some time), and once more when nobody has
//! acknowledged it within its time to respond. What comes together goes out together: a flood gives one message. Each
//! message is tried until the server takes it; each attempt is on record, and the records are the queue's durable form.

mod calls;
mod item;
mod machine;
mod queue;
mod saved;
#[cfg(test)]
mod tests;

pub(crate) use calls::Call;
pub use item::{Item, Stage};
pub(crate) use machine::{Escalation, Said};
pub use queue::Notification;
pub(crate) use saved::{fold, fold_called};
