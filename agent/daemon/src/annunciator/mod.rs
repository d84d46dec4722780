//! Stack lights and horns: writes the declared coils or registers, and nothing else anywhere (LAW-09).
//!
//! Each has a connection and a task of its own: one that does not answer delays nobody.

mod task;
#[cfg(test)]
mod tests;

pub use task::{Ending, start};
