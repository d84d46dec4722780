//! What a device says of the time (LAW-12).

use cellwatch_model::{Mono, Utc};

/// The device's wall time beside the agent's monotonic time.
#[derive(Debug, Default)]
pub(super) struct DeviceClock {
    /// By how much the monotonic time is ahead, nanoseconds: the least since it was last asked for, because what comes late seems
    /// to be of a clock that is slow.
    ahead_ns: Option<i128>,
}

impl DeviceClock {
    /// The device said `time`; it was heard at `at`.
    pub(super) fn said(&mut self, time: Utc, at: Mono) {
        let ahead_ns = i128::from(at.0) - i128::from(time.0);
        self.ahead_ns = Some(self.ahead_ns.map_or(ahead_ns, |least| least.min(ahead_ns)));
    }

    /// By how much the monotonic time is ahead of the device's, nanoseconds; none where it said nothing since.
    pub(super) const fn take(&mut self) -> Option<i128> {
        self.ahead_ns.take()
    }
}
