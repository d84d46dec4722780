//! Journal: what happened, as records in a chain.
//!
//! In: bodies with their context. Out: payloads to append, in groups that are committed together.
//! Records are encoded and chained here; sealing and the disk are the shell's.

mod events;
mod frame;
mod recorder;
mod refused;
pub(crate) mod retention;
mod seals;
mod wall;

pub(crate) use events::Said;
pub(crate) use frame::FrameBuilder;
pub(crate) use recorder::{Context, Recorder};
pub(crate) use seals::{Confirmed, Seals};
pub(crate) use wall::Wall;
