//! What wakes the loop.

use cellwatch_core::door::Input;

use crate::{broker, control, people};

/// What wakes the loop.
#[derive(Debug)]
pub(super) enum Event {
    /// For the core as it is.
    Core(Input),
    /// Of the broker.
    Broker(broker::Event),
    /// A person at this machine asks.
    Call(control::Call),
    /// A person did something, or people begin or cease to look.
    Act(people::Act),
    /// The Master File of the site file has changed on disk.
    MasterFileChanged,
    /// A key file has changed on disk.
    KeyFilesChanged,
    /// Nothing waits for a seal any more; first and last record that were sealed late.
    Sealed(Option<(u64, u64)>),
}

impl From<Input> for Event {
    fn from(input: Input) -> Self {
        Self::Core(input)
    }
}

impl From<broker::Event> for Event {
    fn from(event: broker::Event) -> Self {
        Self::Broker(event)
    }
}

impl From<control::Call> for Event {
    fn from(call: control::Call) -> Self {
        Self::Call(call)
    }
}

impl From<people::Act> for Event {
    fn from(act: people::Act) -> Self {
        Self::Act(act)
    }
}
