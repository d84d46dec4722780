//! Decides when a value is in alarm and who has seen it. Runs in the agent and in the shim:
//! no `std`, no allocation, no clock; alarms are known by the caller's index.
//!
//! In: readings and the passing of time (milliseconds of any monotonic clock), what people did.
//! Out: what changed, to be recorded and annunciated by the caller.
//! Sources: ISA-18.2 / IEC 62682.
//!
//! Terms. *Limit*: the value beyond which the condition is true. *Deadband*: how far the value must
//! come back before it is false again. *On-delay*: how long it must be true before the alarm is
//! raised. *Off-delay*: how long it must be false before the alarm returns.
//!
//! ```text
//!            beyond the limit            on-delay over
//!   Clear ───────────────────▶ Pending ───────────────▶ Active ◀──────────┐
//!     ▲  ◀───────────────────                             │ back by the   │ beyond the limit
//!     │    not beyond any more                            ▼ deadband      │
//!     └───────────────────────────────────────────── Returning ───────────┘
//!                       off-delay over
//! ```
//! No reading moves nothing but an off-delay, which starts again at the next Good reading; an
//! on-delay that runs goes on (LAW-02: silence never clears and never reads as normal).
//!
//! Who has seen it is kept apart, in [`Regions`]; the nine ISA states are derived from them.
#![no_std]
#![forbid(unsafe_code)]

mod condition;
mod limit;
mod regions;

pub use condition::{Condition, Edge};
pub use limit::{Direction, Limit};
pub use regions::{Policy, Regions, Shelving, State, Step};

#[cfg(test)]
mod tests;
