//! The OPC UA face: every parameter as a node, and what is broken shown there too.
//!
//! async-opcua's server speaks the protocol behind a front that listens: the front refuses, closes, delays
//! or swallows, as faults say. A parameter is the node that its profile names, or `s=` its name in
//! [`OWN_NAMESPACE`]. Its value goes through the same words as on Modbus, so that faults of values are the
//! same on both faces. Another namespace has a node of the same identifier and type that shows nothing but
//! zeros: whoever goes by an index of another day reads that one.
//!
//! It serves reads and subscriptions of these nodes and the table of namespaces, without the address space that the
//! standard describes: that alone would take longer to build than everything else together, and whoever reads by
//! node needs none of it. It cannot be browsed.

mod front;
mod nodes;
mod server;
mod value;

pub use front::serve;
pub use server::Options;

/// Namespace of parameters whose profile names no node.
pub const OWN_NAMESPACE: &str = "urn:cellwatch:reactor";
/// Namespace of the doubles.
const DOUBLES: &str = "urn:cellwatch:reactor:doubles";
/// The server as an application; namespace 1 (OPC 10000-3 §8.2.2).
const APPLICATION: &str = "urn:cellwatch:reactor:server";
