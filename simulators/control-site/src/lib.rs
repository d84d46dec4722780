//! The stand-in Control Site: verifies, stores, receipts, signs.
//!
//! It shares the formats with the agent (`cellwatch-record`, `cellwatch-seal`) and nothing else, so
//! that it cannot share the agent's mistakes.
//!
//! ```text
//! MQTT ─▶ run ─▶ intake::verify ─▶ intake::follow + store (one transaction) ─▶ commit
//!                                                   acknowledge, receipts, page ◀─┘
//! ```
#![forbid(unsafe_code)]

pub mod intake;
pub mod page;
pub mod receipts;
pub mod run;
pub mod store;
pub mod tools;
pub mod topic;

#[cfg(test)]
mod testing;
