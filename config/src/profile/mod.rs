//! A device profile: what a device's registers hold and how it wants to be polled.

mod belief;
mod data_type;
mod fits;
mod model;
mod no_read;
mod overlap;
mod own_word;
mod parameter;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{
    Access, Belief, DataType, ModbusRules, NoRead, Order, OwnWord, Parameter, Profile, Role, Table,
};
pub(crate) use own_word::RoleWord;
pub use parse::parse;
