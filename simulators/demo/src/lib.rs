//! Everything at once, on one machine, as separate processes.
//!
//! ```text
//! reactor BX-01 ─Modbus─┐                    ┌─ control-site run ─▶ page, database
//! reactor BX-02 ─Modbus─┴─ cellwatch run ═MQTT═ demo broker
//! ```
//! - `cli`: the command line, and the two subcommands that are processes of their own.
//! - `broker`: the MQTT broker.
//! - `process`: programs built, started, watched, ended.
//! - `plant`: the folder, its files, the processes in their order.
//! - `watch`: what the Control Site's database and the agent's journal say.
//! - `deviation`: breaks a heater, and mends it.
//! - `report`: the numbers, and what is wrong with them.
//! - `show`: from the first line to the last.

pub mod broker;
pub mod cli;
pub mod deviation;
pub mod plant;
pub mod process;
pub mod report;
pub mod show;
pub mod watch;
