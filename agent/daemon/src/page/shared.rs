//! What all requests share.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cellwatch_model::Mono;
use tokio::sync::{Semaphore, watch};

use super::limits::{STREAMS_MAX, STREAMS_RESERVED};
use super::reading::Readings;
use super::renderer::Rendering;
use super::sessions::Sessions;
use crate::clock::monotonic;
use crate::people::{Loop, People};

/// Who asks: the peer's address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// What the site file says of the site and its page.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) site: String,
    pub(super) site_name: String,
    pub(super) time_zone: String,
    pub(super) agent: String,
    pub(super) room_overview: bool,
    /// Metrics are served.
    pub(super) metrics: bool,
    pub(super) idle_logout_ms: u64,
    /// Length of a frame, milliseconds.
    pub(super) frame_ms: u64,
    /// Served under TLS: cookies are Secure, any name of the certificate is right.
    pub(super) under_tls: bool,
}

/// What all requests share.
pub(super) struct Shared {
    pub(super) facts: Facts,
    pub(super) people: People,
    pub(super) to_loop: Loop,
    pub(super) rendering: Rendering,
    pub(super) readings: Readings,
    pub(super) metrics: watch::Receiver<Option<String>>,
    pub(super) streams: Arc<Semaphore>,
    /// Those of them that need no login.
    pub(super) room_streams: Arc<Semaphore>,
    sessions: Mutex<Sessions>,
}

/// As handlers get it.
pub(super) type State = axum::extract::State<Arc<Shared>>;

impl Shared {
    pub(super) fn new(
        facts: Facts,
        people: People,
        to_loop: Loop,
        rendering: Rendering,
        readings: Readings,
        metrics: watch::Receiver<Option<String>>,
    ) -> Self {
        let sessions = Mutex::new(Sessions::new(facts.idle_logout_ms));
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        let room_streams = Arc::new(Semaphore::new(STREAMS_MAX - STREAMS_RESERVED));
        Self {
            facts,
            people,
            to_loop,
            rendering,
            readings,
            metrics,
            streams,
            room_streams,
            sessions,
        }
    }

    /// The sessions; never held across a wait.
    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Mono {
        monotonic()
    }

    /// The cookie's name: the prefix makes browsers insist on Secure and this very origin (RFC 6265bis, §4.1.3.2).
    pub(super) const fn cookie(&self) -> &'static str {
        if self.facts.under_tls { "__Host-cellwatch" } else { "cellwatch" }
    }
}
