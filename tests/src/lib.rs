//! What the tests across crates stand on: real processes, started and awaited.
//!
//! The processes are the binaries of this workspace, Mosquitto, and peers in Python of which no line
//! is ours. Everything listens on loopback, on ports that the system gave. Nothing here waits for
//! a time to pass: conditions are awaited ([`await_until`]), and one that does not come in time ends
//! the test with what was last seen.
//!
//! - [`Rig`] is a whole site in a folder of its own: authority, broker, Control Site, agent, devices.
//! - [`Process`] is one program with its output; it ends with its owner.
//! - [`Browser`] is Chromium, for what only a browser can tell.
//! - [`Cases`] counts and prints what a test tried.
#![forbid(unsafe_code)]

mod await_until;
mod broker;
mod broker_between;
mod browser;
mod cases;
mod chance;
mod control_port;
mod control_site;
mod counter;
mod devices;
mod fake_time;
mod healths;
pub mod http;
mod keys;
mod master_file;
mod much_text;
mod operator_site;
mod process;
mod programs;
mod rig;
mod served;
mod site_file;
mod small_disk;
mod smtp;
mod stack_light;
pub mod usage;
pub mod wire_device;

pub use await_until::await_until;
pub use broker::Broker;
pub use broker_between::{Between, BrokerBetween};
pub use browser::{Browser, Page, Scheme, Violation};
pub use cases::Cases;
pub use chance::Chance;
pub use control_port::Culture;
pub use control_site::ControlSite;
pub use counter::Counter;
pub use devices::{Pymodbus, libmodbus, reactor, reactor_control};
pub use fake_time::FakeTime;
pub use healths::Healths;
pub use keys::Keys;
pub use master_file::MasterFile;
pub use much_text::much_text;
pub use operator_site::OperatorSite;
pub use process::{Finished, Process, finish};
pub use programs::{binary, folder, mosquitto, python, root, under};
pub use rig::{Rig, sealed_records, segments};
pub use served::{as_served, only_served};
pub use site_file::{AGENT, Device, SITE, SiteFile};
pub use small_disk::SmallDisk;
pub use smtp::{MailAuthority, Smtp, SmtpTls};
pub use stack_light::StackLight;
