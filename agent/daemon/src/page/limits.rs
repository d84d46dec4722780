//! What bounds the page (LAW-10), and what happens at each bound.

use std::time::Duration;

/// Event streams at once: the newest is refused with words.
pub const STREAMS_MAX: usize = 500;
/// Of these places for people who are logged in: pages without login never take them.
pub const STREAMS_RESERVED: usize = 50;
/// Connections at once, event streams included: the newest is refused with words.
pub const CONNECTIONS_MAX: usize = STREAMS_MAX + 100;
/// Longest request line with headers, bytes: more is refused (431).
pub const HEADER_MAX: usize = 16 * 1024;
/// A request's headers are there within this, or the connection ends.
pub const HEADER_WITHIN: Duration = Duration::from_secs(10);
/// Longest body, bytes: more is refused (413).
pub const BODY_MAX: usize = 16 * 1024;
/// A request's body is there within this, or the request is refused (408).
pub const BODY_WITHIN: Duration = Duration::from_secs(10);
/// A peer that takes nothing for so long is cut.
pub const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// TLS is agreed within this, or the connection ends.
pub(super) const TLS_WITHIN: Duration = Duration::from_secs(10);
/// People logged in at once: at this many the one who was idle for longest is logged out.
pub const SESSIONS_MAX: usize = 256;
/// An event stream says that it lives this often.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(2);
/// A view is there within this after somebody came, or the loop is said to stand.
pub(super) const VIEW_WITHIN: Duration = Duration::from_secs(5);
/// Longest comment, characters: more is refused.
pub(super) const COMMENT_MAX: usize = 1000;
