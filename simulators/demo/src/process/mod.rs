//! Programs: built, started, watched, ended.
//!
//! - `programs`: the workspace's other binaries.
//! - `child`: a process with a log of its own.
//! - `once`: a program that does something and ends.
//! - `log_tail`: the last lines of a log, for whoever has to know why.

mod child;
mod log_tail;
mod once;
mod programs;

pub use child::{Child, ChildError, END_WITHIN, Ended, READY_WITHIN, Starter};
pub use log_tail::{LINES_MAX, log_tail};
pub use once::once;
pub use programs::{Build, Programs, own_program};

#[cfg(test)]
mod tests;
