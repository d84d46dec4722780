//! The bytes of records, and what is refused.
#![allow(clippy::unwrap_used)]

mod arbitrary;
mod chain;
mod frame;
mod generate;
mod merkle;
mod round_trip;
mod samples;
mod size;
mod strict;
mod v01;
mod v01_numbers;
mod wire;
