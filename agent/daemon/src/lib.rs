//! The daemon `cellwatch`: one adapter for each outside thing, and the loop that drives the core.
//!
//! In the order in which data flows:
//! - [`installation`], [`trust`], [`offers`]: site file and profiles; roster; Master Files.
//! - [`clock`]: monotonic and wall time. [`modbus`], `opcua`, [`opcua_trust`]: devices;
//!   [`annunciator`]: lights and horns.
//! - [`keys`]: the files of the sealing keys. [`journal`]: records on disk; [`state`]: what changes beside them.
//! - [`broker`]: the Control Site, over MQTT 5 and TLS 1.3. [`control`]: people at this machine.
//!   [`mail`]: people who are away.
//! - [`people`]: accounts and passwords. [`page`]: the operator page.
//! - [`run()`](run::run): the wiring and the loop. [`cli`]: the commands.
#![forbid(unsafe_code)]

pub mod annunciator;
pub mod broker;
pub mod cli;
pub mod clock;
pub mod control;
pub mod installation;
pub mod journal;
pub mod keys;
pub mod mail;
pub mod modbus;
pub mod offers;
#[cfg(feature = "opcua")]
pub mod opcua;
pub mod opcua_trust;
pub mod own_health;
pub mod page;
pub mod people;
pub mod run;
pub mod state;
pub mod trust;
