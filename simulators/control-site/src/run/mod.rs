//! `control-site run`: everything together, until it is told to end.
//!
//! - `options`: the command line.
//! - `setup`: roster, keys and documents, read and verified before anything starts.
//! - `transport`: TLS 1.3 with a client certificate.
//! - `connection`: the link to the broker, for ever renewed.
//! - `rotation`: a new roster on SIGHUP.
//! - `publish`: one message for `control-site command`.
//! - `hooks`: what the writer does to the world.
//! - `start`: threads and tasks, and their orderly end.

mod connection;
mod error;
mod hooks;
mod options;
mod publish;
mod rotation;
mod setup;
mod start;
mod time;
mod transport;

pub use error::RunError;
pub use options::{ClockOption, RunArgs};
pub use publish::{BrokerOptions, publish};
pub use start::run;
pub use time::Clock;
