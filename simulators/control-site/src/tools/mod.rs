//! The Control Site's tools: keys, signatures, and a look into what was sealed.
//!
//! Each has its arguments (`KeysArgs`, `SignArgs`, `CommandArgs`, `InspectArgs`) and `run`, which gives the exit
//! status 0 (done) or 1 (ran and found a problem); an error means that it could not run (2).

pub mod authority;
pub mod command;
mod error;
pub mod export;
mod files;
pub mod inspect;
pub mod keys;
pub mod sign;
pub mod stored;
pub mod tls;

pub use cellwatch_export::json as record_json;
pub use command::CommandArgs;
pub use error::ToolError;
pub use export::ExportArgs;
pub use inspect::InspectArgs;
pub use keys::KeysArgs;
pub use record_json::record_to_json;
pub use sign::SignArgs;

#[cfg(test)]
mod tests;
