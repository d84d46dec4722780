//! The present: read here and nowhere else.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cellwatch_model::{Mono, Utc};

/// Reads the machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// Monotonic time counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Wall time.
    #[must_use]
    pub fn utc(self) -> Utc {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Utc(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// Monotonic time since the start.
    #[must_use]
    pub fn mono(self) -> Mono {
        Mono(u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}
