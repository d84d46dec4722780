//! Annunciation: stack lights and horns, from what stands now. Waits for nothing (LAW-06).

mod annunciator;
mod signal;
mod silence;
#[cfg(test)]
mod tests;

pub(crate) use annunciator::Annunciator;
pub use signal::{Lit, Signal, Standing, signal};
pub(crate) use silence::{AlarmKey, EVERY, SILENCE_MS, Silenced, Silences};
