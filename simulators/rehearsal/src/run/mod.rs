//! Lets a scenario happen.

mod control_site;
mod installation;
mod people;
mod site;
mod wire;

pub use installation::{Installation, UNIT};
pub use site::{Ran, RunError, run};
