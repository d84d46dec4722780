//! OPC UA: a session with a subscription for each device, and reads that the core asks for.
//!
//! async-opcua 0.19 speaks the protocol; what RustCrypto does for it stays behind this folder. Only
//! services that read are used: GetEndpoints, CreateSession, ActivateSession, Read, CreateSubscription,
//! CreateMonitoredItems, Publish, CloseSession (LAW-09).
//!
//! A session is never mended: after a read that failed, a subscription that ended, a namespace table that
//! changed or a lost connection it is given up, and everything is made anew: nodes are looked up by
//! namespace URI, the subscription is created, and the core hears from when to when nothing was watched.
//! Pauses between attempts grow up to `settings::PAUSE_MAX`.
//!
//! A server's certificate is trusted if exactly this certificate lies in the trust folder; it is
//! looked at before anything is encrypted for it, and the channel is encrypted for it alone.

mod convert;
mod explain;
mod notifications;
mod own;
mod session;
mod settings;
mod task;

pub use convert::Wanted;
pub use settings::Settings;
pub use task::{Ask, start};
