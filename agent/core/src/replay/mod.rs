//! Replay: the same records through the same Master File give the same verdict, byte for byte (LAW-08).
//!
//! In: records in the order of their journal, and a way to the Master Files that they name. Out: what the
//! evaluate stage says to them now, beside what is on record. With another Master File it says what *would*
//! have alarmed.
//!
//! Readings come from frames, links and the agent's own conditions from events, batches and phases from batch
//! records, what people did from actions and results; state only at a start, and what a start closes because its unit
//! left the site file before that state. Each start of the agent begins
//! anew from the state record that it wrote. Where records are missing, judging goes on from the next state
//! record, and the range is named; delays that ran there begin anew, so that alarms shortly after it may
//! differ.

mod compare;
mod inputs;
mod machine;

pub use compare::{Difference, Judgement, Replayed};
pub use machine::{Replay, ReplayError};
