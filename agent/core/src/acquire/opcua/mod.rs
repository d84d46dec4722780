//! Devices that are asked over OPC UA: a subscription brings samples, and everything is read now and then
//! besides, so that a subscription that fell silent or loses values is found (LAW-01, LAW-02).
//!
//! In: samples with status code and times, sessions that begin and end. Out: reads, readings with quality.
//!
//! - The status code decides what may be believed ([`status`]); then the value goes through the profile
//!   like one from registers ([`encode`]).
//! - A sample is late if the server kept it, or the network did, for longer than two publishing intervals and
//!   [`newest::LATE_MS`], or if one with a newer source time came before. It is recorded as late and judged
//!   by no alarm.
//! - A read is live always: it answers this very request. Where two of them in a row find a change that
//!   the subscription does not bring, the subscription is made anew.
//! - Values that the server's queues lost, and notifications that are missing, are gaps on record; what the server
//!   grants less of than it was asked for is said.
//! - From the last sign of life of a lost subscription to the first one of the next is a gap on record.

mod device;
mod encode;
mod lost;
mod newest;
mod possible;
mod said;
mod status;
#[cfg(test)]
mod tests;

pub(crate) use device::UaDevice;
pub(crate) use said::{Slower, UaSaid};
