//! What a record says, by kind.

mod action;
mod alarm;
mod batch;
mod details;
mod deviation;
mod event;
mod frame;
mod health;
mod kind;
mod life;
mod result;
mod seals;
mod stamps;
mod state;

pub use action::{Action, Person};
pub use alarm::AlarmChange;
pub use batch::{Batch, BatchChange, BatchSeal};
pub use details::Datum;
pub use deviation::{Deviation, DeviationChange, DeviationRule};
pub use event::{Event, EventKind};
pub use frame::{Column, Frame, Sample, Track};
pub use health::Health;
pub use kind::{Body, Kind};
pub use life::{SavedMasterFile, SavedSite, Waits};
pub use result::EnteredResult;
pub use seals::{AwaitedSeal, SavedSeals};
pub use state::{SavedAlarm, SavedBatch, State};
