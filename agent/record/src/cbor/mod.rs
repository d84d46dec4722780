//! The deterministic part of CBOR that records use (RFC 8949 §4.2.1): shortest integers, shortest
//! floats, definite lengths, ascending integer keys, no NaN.

mod error;
mod read;
mod write;

pub use error::DecodeError;
pub(crate) use read::Reader;
pub(crate) use write::{MapWriter, Writer};
