//! A device profile: what a device's registers hold and how it wants to be polled.

mod data_type;
mod fits;
mod model;
mod overlap;
mod parameter;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{Access, DataType, ModbusRules, Order, Parameter, Profile, Role, Table};
pub use parse::parse;
