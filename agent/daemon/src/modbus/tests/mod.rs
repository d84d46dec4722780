#![allow(clippy::unwrap_used, clippy::type_complexity)]

mod expectation;
mod lying;
mod rtu;
mod server;
