//! Round trips, and attacks that must each fail for their own reason.
#![allow(clippy::unwrap_used)]

mod approval;
mod arbitrary;
mod document;
mod keys;
mod people;
mod revoked;
mod roster;
mod roster_text;
mod rotation;
mod seal;
mod strict;
mod structure;
