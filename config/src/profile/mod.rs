//! A device profile: what a device's registers or nodes hold and how it wants to be asked.

mod belief;
mod data_type;
mod fits;
mod model;
mod no_read;
mod node;
mod overlap;
mod own_word;
mod parameter;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{
    Access, Belief, DataType, ModbusRules, NoRead, OpcUaRules, Order, OwnWord, Parameter, Profile,
    Role, Table,
};
pub use node::{Identifier, Node};
pub(crate) use own_word::RoleWord;
pub use parse::parse;
