//! The site file: which agent this is, its devices and units, its broker, keys and folders.

mod annunciator;
mod calling;
mod device;
mod line;
mod mail;
mod membership;
mod model;
mod names;
mod opcua;
mod opcua_model;
mod page;
mod parse;
#[cfg(test)]
mod tests;

pub use calling::{Annunciator, Lamp, Mail, MailLogin, MailTls, Outputs};
pub(crate) use line::TransportWord;
pub(crate) use membership::{Place, membership};
pub use model::{
    Agent, Broker, ClockSource, Device, Frames, Journal, Line, Parity, Reach, SerialPort, Site,
    Transport, Trust, Unit,
};
pub use names::topic_level_ok;
pub(crate) use names::{LOWER_TOPIC_LEVEL, NAME, lower_topic_level_ok, name_ok};
pub(crate) use opcua::SecurityWord;
pub use opcua_model::{OpcUaIdentity, OpcUaPolicy, OpcUaSecurity, OpcUaServer};
pub use page::{Page, PageTls};
pub use parse::parse;
