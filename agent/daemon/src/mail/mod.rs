//! Messages to people who are not in the room, by e-mail (RFC 5321) over TLS.
//!
//! The core decides who is told what and when, and tries again; here are words and the server.

mod server;
mod task;
#[cfg(test)]
mod tests;
mod words;

pub use server::{MailError, Server};
pub use task::start;
pub use words::{Letter, Site, letter};
