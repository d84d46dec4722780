//! Whole cultures in virtual time: the core and the reactor's process model without processes, sockets or a disk.
//!
//! A [`scenario`] says what happens: phases, faults, what people do. [`run`] lets it happen and seals every record as
//! the daemon does. [`account`] says what people saw, compares it with what was expected, and judges the records
//! again.
#![forbid(unsafe_code)]

pub mod account;
pub mod run;
pub mod scenario;
