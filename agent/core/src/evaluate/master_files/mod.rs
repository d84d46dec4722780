//! Which Master File judges where (LAW-05).
//!
//! In: offers whose approvals the shell has verified, the clock, where batches run. Out: which file comes
//! into force in which units, what waits for what, what is superseded. Does no I/O.
//!
//! ```text
//!  offered ──▶ refused
//!     │
//!     ▼
//!  accepted ──▶ pending ──▶ in force ──▶ superseded      (a newer one judges wherever this one did)
//!                 │            └ expired: goes on judging, under an alarm
//!                 ├──▶ superseded                        (a newer one was accepted)
//!                 └──▶ expired                           (its time ended before it began)
//! ```
//!
//! A file is pending until its effective time, and with `next-batch` in each unit until no batch runs there:
//! the unit's next batch starts under it. At most one file is pending: the highest version.

mod entry;
mod fold;
mod life;
mod offer;
mod settle;

pub(crate) use entry::Entry;
pub(crate) use fold::{fold_event, texts};
pub(crate) use life::{InForce, MasterFiles};
pub(crate) use offer::{Accepted, Taken};
pub(crate) use settle::Settled;

use cellwatch_model::Utc;

/// A date for people.
pub(crate) fn words(at: Utc) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(at.0))
        .map_or_else(|_| format!("{} ns", at.0), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
