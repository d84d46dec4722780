//! Every way of getting a Master File, a roster or a command past the agent that we know of, by name: each is refused for its own
//! reason, on record, and the last good file goes on judging.
//!
//! The agent here is the real core behind its door, with the real seals and parsers; keys are made anew in every run.
// Req: LAW-05, SITE-01
#![allow(clippy::unwrap_used)]

mod commands;
mod master_files;
mod mutated;
mod rosters;
mod scene;
mod site;
