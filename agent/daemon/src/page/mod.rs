//! The operator page: what people at the site see and answer, with no network beyond the room.
//!
//! In a thread of its own, so that pages never hold up the loop: the loop hands views over and takes actions, each
//! answered when its record is on disk. HTTP/1.1 on loopback; beyond it only under TLS 1.3. Everything that it
//! serves is in the binary.
//!
//! ```text
//!   loop ──View──▶ renderer ──▶ event streams ──▶ pages
//!   loop ◀──Watched, Act── gate (session, CSRF) ◀── requests
//! ```

mod api;
mod assets;
mod connection;
mod events;
mod failure;
mod gate;
mod headers;
mod limits;
mod listen;
mod patience;
mod reading;
mod renderer;
mod routes;
mod sessions;
mod shared;
mod start;
#[cfg(test)]
mod tests;
mod tls;

pub use limits::{
    BODY_MAX, BODY_WITHIN, CONNECTIONS_MAX, HEADER_MAX, HEADER_WITHIN, SESSIONS_MAX, STREAMS_MAX,
    STREAMS_RESERVED, WRITE_WITHIN,
};
pub use routes::ROUTES;
pub use start::{PageHandle, PageSettings, start};
pub use tls::{TlsError, check_tls};
