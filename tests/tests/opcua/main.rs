//! `cellwatch run` and a device on OPC UA: a server of asyncua, of which no line is ours.

mod bench;
mod every_type;
mod proxy;
mod recovery;
mod security;
