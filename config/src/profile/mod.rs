//! A device profile: what a device's registers hold and how it wants to be polled.

mod model;

pub use model::{Access, DataType, ModbusRules, Order, Parameter, Profile, Role, Table};
