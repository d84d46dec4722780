//! The folder, its files, the processes in their order.
//!
//! ```text
//! site.toml  master-file.toml  master-file.cose  profiles/rocking-bag-25.toml
//! keys/            a test authority: `control-site keys`
//! agent/           the agent's journal and state
//! control-site/    the Control Site's database
//! logs/            what each process says
//! ```

mod ending;
mod files;
mod folder;
mod running;

pub use files::{
    AGENT, Address, MASTER_FILE, PROFILE, SITE, UNITS, make_keys, site_file, write_site,
};
pub use folder::Folder;
pub use running::{CLOCK, Plant, Reactor};

#[cfg(test)]
mod tests;
