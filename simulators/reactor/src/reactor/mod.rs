//! A reactor: culture, face and faults together, in virtual time and without sockets.

mod counters;
mod log;
#[expect(clippy::module_inception, reason = "the folder is named after its main type")]
mod reactor;
mod server;
mod showings;

pub use counters::Counters;
pub use log::{Log, Served};
pub use reactor::{Reactor, Reply, Setup};
pub use server::ServerLife;
pub use showings::{Showing, Showings};
