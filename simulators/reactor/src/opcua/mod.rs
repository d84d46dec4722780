//! The OPC UA face: every parameter as a node, and what is broken shown there too.
//!
//! async-opcua's server speaks the protocol behind a front that listens: the front refuses, closes, delays
//! or swallows, as faults say. A parameter is the node that its profile names, or `s=` its name in
//! [`OWN_NAMESPACE`]. Its value goes through the same words as on Modbus, so that faults of values are the
//! same on both faces.

mod front;
mod server;
mod value;

pub use front::serve;
pub use server::Options;

/// Namespace of parameters whose profile names no node.
pub const OWN_NAMESPACE: &str = "urn:cellwatch:reactor";
